"""What fetches and checks a model's files where nobody says otherwise."""

from __future__ import annotations

from dataclasses import dataclass

INITIALIZER_IMAGE = "docker.io/kserve/storage-initializer:v0.16.0"

WARMUP_IMAGE = "docker.io/library/python:3.13-alpine"


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageImages:
    """Images of the containers that run before a model server does."""

    initializer: str = INITIALIZER_IMAGE
    """Takes a URI and a folder as arguments, as KServe's does."""
    content: str = ""
    """Has sh, find, sort, xargs and sha256sum; the initializer's where this is ""."""

    warmup: str = WARMUP_IMAGE
    """Has python3."""

    @property
    def checker(self) -> str:
        """The image that tells what was fetched."""
        return self.content or self.initializer


IMAGES = StorageImages()
