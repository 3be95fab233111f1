"""A file that a server's metrics need: an annotation of its pod, shown as a file by the kubelet.

So it is part of the pod template, and frozen with it; there is no ConfigMap to make or to lose.
"""

from __future__ import annotations

from typing import Any

FOLDER = "/etc/serinus"
NAME = "server.config"
CONFIG_FILE = f"{FOLDER}/{NAME}"
ANNOTATION = "serinus.dev/server-config"
VOLUME = "serinus-server-config"


def with_config_file(template: dict[str, Any], number: int, text: str | None) -> dict[str, Any]:
    """Return a pod template with the file, where an argument of the model's container names it.

    A volume of that name, or one mounted in its place, is the user's own.

    Args:
        template: a pod template with arguments filled in.
        number: which of its containers is the model's.
        text: what the file says; None where a server needs none.
    """
    pod = template["spec"]
    container = pod["containers"][number]
    if text is None or not any(CONFIG_FILE in str(arg) for arg in container.get("args") or ()):
        return template
    volumes, mounts = list(pod.get("volumes") or ()), list(container.get("volumeMounts") or ())
    is_there = any(each.get("name") == VOLUME for each in volumes)
    if is_there or any(str(each.get("mountPath")).rstrip("/") == FOLDER for each in mounts):
        return template
    metadata = template.get("metadata") or {}
    annotations = {ANNOTATION: text, **(metadata.get("annotations") or {})}
    mount = {"name": VOLUME, "mountPath": FOLDER, "readOnly": True}
    mounted = {**container, "volumeMounts": [*mounts, mount]}
    containers = [*pod["containers"][:number], mounted, *pod["containers"][number + 1 :]]
    return {
        **template,
        "metadata": {**metadata, "annotations": annotations},
        "spec": {**pod, "containers": containers, "volumes": [*volumes, _volume()]},
    }


def _volume() -> dict[str, Any]:
    source = {"fieldPath": f"metadata.annotations['{ANNOTATION}']"}
    return {"name": VOLUME, "downwardAPI": {"items": [{"path": NAME, "fieldRef": source}]}}
