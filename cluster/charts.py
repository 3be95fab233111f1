"""Envoy Gateway's own Helm chart, out of its Go module, with the blanks its release fills in."""

import shutil
from pathlib import Path

from cluster import versions
from cluster.golang import module_directory
from cluster.locks import only_one
from cluster.places import cache_directory

MODULE = "github.com/envoyproxy/gateway"
# What a release of theirs writes in the place of the template's names.
RELEASED = {
    "${GatewayImage}": f"docker.io/envoyproxy/gateway:{versions.envoy_gateway()}",
    "${GatewayImagePullPolicy}": "IfNotPresent",
}


def envoy_gateway() -> Path:
    """The chart as a directory that Helm takes, kept by version."""
    chart = cache_directory() / "charts" / f"gateway-helm-{versions.envoy_gateway()}"
    with only_one(chart.name):
        if not chart.exists():
            _complete(chart)
    return chart


def _complete(chart: Path) -> None:
    part = chart.with_name(f".{chart.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    source = module_directory("node", MODULE) / "charts" / "gateway-helm"
    shutil.copytree(source, part, copy_function=shutil.copyfile)
    for directory in (part, *(path for path in part.rglob("*") if path.is_dir())):
        directory.chmod(0o755)  # Go's module cache is read-only
    values = (part / "values.tmpl.yaml").read_text()
    for blank, value in RELEASED.items():
        values = values.replace(blank, value)
    (part / "values.yaml").write_text(values)
    described = (part / "Chart.yaml").read_text()
    version = versions.envoy_gateway()
    described = described.replace("v0.0.0-latest", version).replace('"latest"', f'"{version}"')
    (part / "Chart.yaml").write_text(described)
    part.rename(chart)
