"""Brings images into the node: built if new, imported if the node does not hold them yet."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cluster import buildah, nodeimages
from cluster.local import containerd
from cluster.local.layout import Layout
from cluster.locks import only_one
from cluster.nodeimages import NodeImage
from cluster.recipes import Recipe
from cluster.steps import step


def ensure_node_images(layout: Layout) -> None:
    """All images of the node's own parts."""
    held = containerd.images(layout)
    missing = [image for image in nodeimages.ALL if image.reference() not in held]
    if missing:
        names = ", ".join(image.name for image in missing)
        with step(f"images: {names}"), ThreadPoolExecutor(max_workers=2) as pool:
            list(pool.map(lambda image: _import_node_image(layout, image), missing))
    _complete_note(layout).write_text(_wanted())


def complete(layout: Layout) -> bool:
    """Whether the node held all images of its own parts when it last ran."""
    note = _complete_note(layout)
    return layout.containerd_content.exists() and note.exists() and note.read_text() == _wanted()


def build_and_load(layout: Layout, recipe: Recipe) -> str:
    """An image of the project's, under its name in the node; returns that name."""
    reference, digest = recipe.reference(), recipe.digest()
    with only_one("image-" + reference.replace("/", "-")):
        noted = _noted(layout, reference)
        # The name is the user's to reuse: only the note tells what it was made of.
        if noted.get("recipe") == digest and (
            noted.get("image") == containerd.images(layout).get(reference)
        ):
            return reference
        with (
            step(f"image {recipe.tag}"),
            buildah.archive(buildah.ensure(recipe), reference) as file,
        ):
            containerd.load(layout, file, reference)
        note = {"recipe": digest, "image": containerd.images(layout)[reference]}
        _note_file(layout, reference).write_text(json.dumps(note))
        return reference


def _import_node_image(layout: Layout, image: NodeImage) -> None:
    with buildah.archive(image.build(), image.reference()) as file:
        containerd.load(layout, file, image.reference())


def _wanted() -> str:
    return "\n".join(image.reference() for image in nodeimages.ALL)


def _complete_note(layout: Layout) -> Path:
    return layout.cache / "images" / "of-the-node"


def _note_file(layout: Layout, reference: str) -> Path:
    directory = layout.cache / "images"
    directory.mkdir(parents=True, exist_ok=True)
    return directory / (reference.replace("/", "_") + ".json")


def _noted(layout: Layout, reference: str) -> dict[str, str]:
    file = _note_file(layout, reference)
    read: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    return read
