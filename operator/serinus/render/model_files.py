"""A model's files: mounted at /mnt/models before its server starts, and told by their digest."""

from __future__ import annotations

from typing import Any

from serinus.render.containers import CONFINED, Container, place_of, placed
from serinus.render.programs import program
from serinus.resource.model_uri import UNCHECKED, Location, locate
from serinus.resource.names import CONTENT_CONTAINER
from serinus.resource.spec import Model
from serinus.resource.storage import StorageImages
from serinus.servers.pointing import MODEL_FOLDER

VOLUME = "serinus-model"
INITIALIZER = "model-initializer"


def with_files(pod: dict[str, Any], model: Model, images: StorageImages) -> dict[str, Any]:
    """Return a pod's spec with its model's files; what is written in it already wins."""
    if model.uri is None:
        return pod
    location = locate(model.uri)
    before = list(pod.get("initContainers") or ())
    if location.scheme not in _VOLUMES_OF_THEIR_OWN:
        before = placed(before, _initializer(location, images), at=0)
    if not location.is_fixed and model.digest != UNCHECKED:
        fetched = place_of(before, INITIALIZER)
        reader = _reader(model, location, images)
        before = placed(before, reader, at=0 if fetched is None else fetched + 1)
    volumes = [*(pod.get("volumes") or ())]
    if VOLUME not in {each.get("name") for each in volumes}:
        volumes.append({"name": VOLUME, **_volume(location)})
    made = {
        **pod,
        "volumes": volumes,
        "containers": [_mounted(each, location) for each in pod["containers"]],
    }
    return {**made, "initContainers": before} if before else made


_VOLUMES_OF_THEIR_OWN = ("oci", "pvc")


def _volume(location: Location) -> dict[str, Any]:
    if location.scheme == "oci":
        return {"image": {"reference": location.rest}}
    if location.scheme == "pvc":
        claim = location.rest.partition("/")[0]
        return {"persistentVolumeClaim": {"claimName": claim, "readOnly": True}}
    return {"emptyDir": {}}


def _mount(location: Location, *, is_read_only: bool = True) -> dict[str, Any]:
    mount: dict[str, Any] = {"name": VOLUME, "mountPath": MODEL_FOLDER}
    folder = location.rest.partition("/")[2].strip("/")
    if location.scheme == "pvc" and folder:
        mount["subPath"] = folder
    return {**mount, "readOnly": True} if is_read_only else mount


def _mounted(container: Container, location: Location) -> Container:
    mounts = [*(container.get("volumeMounts") or ())]
    if MODEL_FOLDER in {str(each.get("mountPath")).rstrip("/") for each in mounts}:
        return container
    return {**container, "volumeMounts": [*mounts, _mount(location)]}


def _initializer(location: Location, images: StorageImages) -> Container:
    return {
        "name": INITIALIZER,
        "image": images.initializer,
        "args": [_fetched(location), MODEL_FOLDER],
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "resources": {"requests": {"cpu": "100m", "memory": "100Mi"}},
        "securityContext": CONFINED,
        "volumeMounts": [_mount(location, is_read_only=False)],
    }


def _fetched(location: Location) -> str:
    """The URI as KServe's initializer reads it."""
    if location.scheme != "azure":
        return f"{location.scheme}://{location.rest}"
    account, _, path = location.rest.partition("/")
    return f"https://{account}.blob.core.windows.net/{path}"


def _reader(model: Model, location: Location, images: StorageImages) -> Container:
    words = [MODEL_FOLDER, model.digest or "", "/dev/termination-log"]
    return {
        "name": CONTENT_CONTAINER,
        "image": images.checker,
        "command": ["sh", "-c", program("content.sh"), *words],
        "resources": {"requests": {"cpu": "100m", "memory": "32Mi"}},
        "securityContext": CONFINED,
        "volumeMounts": [_mount(location)],
    }
