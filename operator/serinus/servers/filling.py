"""What a preset fills in where a pod template says nothing; what is written always wins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from serinus.servers.config_file import with_config_file
from serinus.servers.pointing import arguments, variables
from serinus.servers.preset import STANDARD, PodDefaults, Probe, preset_of

DEFAULT_PORT = 8080
MODEL_CONTAINER = "model"

READY = {"periodSeconds": 5, "timeoutSeconds": 5, "failureThreshold": 3}
LIVE = {"periodSeconds": 10, "timeoutSeconds": 10, "failureThreshold": 6}
STARTED = {"periodSeconds": 3, "timeoutSeconds": 10, "failureThreshold": 1200}
"""A model may take an hour to load before its liveness is asked for."""

Container = dict[str, Any]


def filled(
    template: Mapping[str, Any],
    server: str,
    *,
    image: str | None,
    served_name: str | None,
    has_files: bool = False,
) -> dict[str, Any]:
    """Return a copy of a pod template with what its model server needs.

    The model's container is the one named `model`, or else the first; without a template it is
    the only one. Where its files are mounted, the server is told where.
    """
    copy: dict[str, Any] = deepcopy(dict(template)) or {
        "spec": {"containers": [{"name": MODEL_CONTAINER}]}
    }
    containers: list[Container] = copy["spec"]["containers"]
    number = model_container(containers)
    pod = preset_of(server).pod
    others = containers[:number] + containers[number + 1 :]
    started = _started(containers[number], pod, image, served_name, has_files=has_files)
    containers[number] = _filled(started, others, pod, served_name)
    return with_config_file(copy, number, pod.config)


def model_container(containers: list[Container]) -> int:
    """Return the number of the model's container."""
    names = [each.get("name") for each in containers]
    return names.index(MODEL_CONTAINER) if MODEL_CONTAINER in names else 0


def first_port(template: Mapping[str, Any]) -> int:
    """Return the first port that the model's container names, or else any other."""
    containers = template["spec"]["containers"]
    model = model_container(containers)
    for container in (containers[model], *containers):
        for port in container.get("ports") or ():
            return int(port["containerPort"])
    return DEFAULT_PORT


def metrics_place(template: Mapping[str, Any], server: str, source: str | None) -> tuple[int, str]:
    """Return port and path of the metrics that a filled template's pods show."""
    place = preset_of(STANDARD if source == STANDARD else server).pod.metrics
    return place.port or first_port(template), place.path


def _started(
    container: Container,
    pod: PodDefaults,
    image: str | None,
    served_name: str | None,
    *,
    has_files: bool,
) -> Container:
    """With an image, arguments and variables."""
    made = dict(container)
    stock = pod.image if has_files else None
    if not made.get("image") and (found := image or stock):
        made["image"] = found
    if added := arguments(container, pod, served_name, has_files=has_files):
        made["args"] = [*(made.get("args") or ()), *added]
    if needed := variables(pod, served_name, has_files=has_files):
        written = {variable.get("name") for variable in made.get("env") or ()}
        missing = ({"name": n, "value": v} for n, v in needed.items() if n not in written)
        made["env"] = [*(made.get("env") or ()), *missing]
    return made


def _filled(
    container: Container, others: list[Container], pod: PodDefaults, served_name: str | None
) -> Container:
    """With ports and probes."""
    made = dict(container)
    if ports := list(_ports(made, others, pod)):
        made["ports"] = ports
    port = _serving_port(made, pod)
    # Without a check of its start, a model that takes long to load would be killed as dead.
    if pod.live is not None and not made.get("livenessProbe"):
        if not made.get("startupProbe"):
            made["startupProbe"] = _probe(pod.live, port, served_name, STARTED)
        made["livenessProbe"] = _probe(pod.live, port, served_name, LIVE)
    if pod.ready is not None and not made.get("readinessProbe"):
        made["readinessProbe"] = _probe(pod.ready, port, served_name, READY)
    return made


def _ports(
    container: Container, others: list[Container], pod: PodDefaults
) -> Iterator[dict[str, Any]]:
    """As written, and the metrics' own; the server's where none is written."""
    written = container.get("ports") or []
    yield from written
    elsewhere = [port for each in others for port in each.get("ports") or ()]
    taken = [*written, *elsewhere]
    numbers = {port.get("containerPort") for port in taken}
    names = {port.get("name") for port in taken}
    for port in pod.ports:
        is_wanted = not written or port.port == pod.metrics.port
        if is_wanted and port.port not in numbers and port.name not in names:
            yield {"name": port.name, "containerPort": port.port}


def _serving_port(container: Container, pod: PodDefaults) -> int:
    """The server's own, or the first that is written where that one is not among them."""
    ports = [int(port["containerPort"]) for port in container.get("ports") or ()]
    usual = pod.ports[0].port if pod.ports else DEFAULT_PORT
    return usual if usual in ports or not ports else ports[0]


def _probe(
    probe: Probe, port: int, served_name: str | None, pace: Mapping[str, int]
) -> dict[str, Any]:
    path = probe.path
    if probe.model_path is not None and served_name is not None:
        path = probe.model_path.replace("$(model)", served_name)
    check = {"tcpSocket": {"port": port}} if path is None else _http(path, port)
    slow = {} if probe.timeout_seconds is None else {"timeoutSeconds": probe.timeout_seconds}
    return {**check, **pace, **slow}


def _http(path: str, port: int) -> dict[str, Any]:
    return {"httpGet": {"path": path, "port": port}}


def additions(
    template: Mapping[str, Any],
    server: str,
    *,
    image: str | None,
    served_name: str | None,
    has_files: bool = False,
) -> dict[str, Any]:
    """Return the fields of the model's container that are filled in, by name.

    Of a list that was written, only what is added to it.
    """
    whole = filled(template, server, image=image, served_name=served_name, has_files=has_files)
    after = whole["spec"]["containers"]
    number = model_container(after)
    written = template["spec"]["containers"][number] if template else {}
    found: dict[str, Any] = {}
    for name, value in after[number].items():
        before = written.get(name)
        if value != before and name != "name":
            found[name] = value[len(before) :] if isinstance(before, list) else value
    return found
