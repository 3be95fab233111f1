"""What integration tests start: kube-apiserver, etcd and kubectl, in one directory."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cluster import programs
from cluster.steps import say

NEEDED = ("kube-apiserver", "etcd", "kubectl")
VARIABLE = "KUBEBUILDER_ASSETS"


def directory() -> Path:
    """The directory in the layout of envtest: the user's own if it is complete, else ours."""
    given = os.environ.get(VARIABLE, "")
    if given and all((Path(given) / name).exists() for name in NEEDED):
        return Path(given)
    if given:
        say(f"{VARIABLE}={given} does not hold {', '.join(NEEDED)}: using our own")
    with ThreadPoolExecutor() as pool:
        built = pool.submit(programs.kubernetes().ensure)
        fetched = pool.submit(programs.clients().ensure)
        return _with_kubectl(built.result(), fetched.result() / "kubectl")


def _with_kubectl(target: Path, kubectl: Path) -> Path:
    link = target / "kubectl"
    if not link.exists():
        part = target / f".kubectl.{os.getpid()}"  # two test runs may come here at once
        part.symlink_to(kubectl)
        part.replace(link)
    return target
