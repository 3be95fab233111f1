"""What fetches and checks a model's files where nobody says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

INITIALIZER_IMAGE = "docker.io/kserve/storage-initializer:v0.16.0"

WARMUP_IMAGE = "docker.io/library/python:3.13-alpine"


class Rereads(StrEnum):
    """How often a claim is read again, besides at each start of a pod."""

    HOURLY = "hourly"
    DAILY = "daily"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageImages:
    """Images of the containers that run before a model server does, and when one runs again."""

    initializer: str = INITIALIZER_IMAGE
    """Takes a URI and a folder as arguments, as KServe's does."""
    content: str = ""
    """Has sh, find, sort, xargs and sha256sum; the initializer's where this is ""."""

    warmup: str = WARMUP_IMAGE
    """Has python3."""
    rereads: Rereads = Rereads.HOURLY
    """How often the reader of files that lie on a claim runs besides."""

    @property
    def checker(self) -> str:
        """The image that tells what was fetched."""
        return self.content or self.initializer


IMAGES = StorageImages()
