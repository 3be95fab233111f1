"""Secrets that users want tracked: a keyed digest of each, never the content.

Each is watched by its name, so that a role that names a few Secrets is all it takes. The key is
random and made at the first use; without it nobody can guess a short password from its digest.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from serinus.adapters.kubernetes_api import ApiRefusal, ApiServer, Call
from serinus.adapters.kubernetes_children import OnChange
from serinus.adapters.kubernetes_kinds import SECRET
from serinus.adapters.kubernetes_watch import Collected, Watch
from serinus.errors import OutsideUnavailable, ReferenceUnreadable

KEY_SECRET = "serinus-digest-key"  # noqa: S105  # its name, not its content
FIRST_LOOK_SECONDS = 10.0
"""How long a look waits for a Secret that was not watched before."""


@dataclass(slots=True, kw_only=True)
class Tracked:
    """One Secret that somebody tracks; it listens to the watch of its own name."""

    namespace: str
    key: bytes = field(repr=False)
    on_change: OnChange
    referrers: set[str] = field(default_factory=set)
    digest: str = ""
    """"" while there is no such Secret."""

    def saw(self, raw: Mapping[str, Any]) -> None:
        """Take in the content as a digest."""
        text = json.dumps(raw.get("data") or {}, sort_keys=True, separators=(",", ":"))
        self._become(hmac.new(self.key, text.encode(), "sha256").hexdigest())

    def gone(self, _raw: Mapping[str, Any]) -> None:
        """Take in that it was deleted."""
        self._become("")

    def listed(self, _namespace: str, names: Collection[tuple[str, str]], _version: int) -> None:
        """Take in whether it exists."""
        if not names:
            self._become("")

    def _become(self, digest: str) -> None:
        if digest != self.digest:
            self.digest = digest
            for referrer in tuple(self.referrers):
                self.on_change(self.namespace, referrer)


@dataclass(slots=True, kw_only=True)
class Following:
    """A tracked Secret with its watch and the task that runs it."""

    tracked: Tracked
    watch: Watch
    task: asyncio.Task[None]


class Secrets:
    """Digests of tracked Secrets, one watch each for as long as somebody tracks it."""

    def __init__(
        self, api: ApiServer, own_namespace: str, on_change: OnChange, *, is_granted: bool = True
    ) -> None:
        self._api, self._own_namespace, self._on_change = api, own_namespace, on_change
        self._is_granted = is_granted
        self._following: dict[tuple[str, str], Following] = {}
        self._key = b""
        self._making_key = asyncio.Lock()

    async def digests(self, namespace: str, names: Sequence[str], referrer: str) -> dict[str, str]:
        """Return the digests of those that exist, and tell the referrer of changes from now on.

        Raises:
            ReferenceUnreadable: one can't be watched for want of the right to.
            OutsideUnavailable: one can't be watched for want of an answer.
        """
        if names and not self._is_granted:
            raise ReferenceUnreadable("spec.trackSecrets: this operator may not read Secrets")
        await self.refer(namespace, referrer, names)
        followed = [(name, self._following[namespace, name]) for name in names]
        for name, each in followed:
            with suppress(TimeoutError):
                async with asyncio.timeout(FIRST_LOOK_SECONDS):
                    await each.watch.answered()
            if each.watch.is_refused:
                raise ReferenceUnreadable(f"Secret {name!r}: {each.watch.trouble}")
            if not each.watch.is_filled:
                raise OutsideUnavailable(f"Secret {name!r}: {each.watch.trouble or 'no answer'}")
        return {name: each.tracked.digest for name, each in followed if each.tracked.digest}

    async def refer(self, namespace: str, referrer: str, names: Collection[str]) -> None:
        """Take in what a model tracks now; what nobody tracks any more is dropped."""
        if names and not self._key:
            await self._find_key()
        for place, each in list(self._following.items()):
            if place[0] == namespace and place[1] not in names:
                each.tracked.referrers.discard(referrer)
                if not each.tracked.referrers:
                    each.task.cancel()
                    del self._following[place]
        for name in names:
            if (namespace, name) not in self._following:
                self._following[namespace, name] = self._follow(namespace, name)
            self._following[namespace, name].tracked.referrers.add(referrer)

    async def close(self) -> None:
        """End all watches."""
        tasks = [each.task for each in self._following.values()]
        self._following.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _follow(self, namespace: str, name: str) -> Following:
        tracked = Tracked(namespace=namespace, key=self._key, on_change=self._on_change)
        collected = Collected(
            kind=SECRET, namespace=namespace, selector={"fieldSelector": f"metadata.name={name}"}
        )
        watch = Watch(self._api, collected, tracked)
        task = asyncio.create_task(watch.run(), name=f"watch of Secret {namespace}/{name}")
        return Following(tracked=tracked, watch=watch, task=task)

    async def _find_key(self) -> None:
        async with self._making_key:
            if not self._key:
                self._key = await self._read_key() or await self._make_key()

    async def _read_key(self) -> bytes:
        path = SECRET.path(self._own_namespace, KEY_SECRET)
        call = Call(verb="get", resource=SECRET.resource, method="GET", path=path)
        try:
            found = await self._api.call(call)
        except ApiRefusal as refusal:
            if refusal.status_code == 404:
                return b""
            raise ReferenceUnreadable(f"Secret {KEY_SECRET!r}: {refusal}") from refusal
        return base64.b64decode(found["data"]["key"])

    async def _make_key(self) -> bytes:
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        call = Call(
            verb="create",
            resource=SECRET.resource,
            method="POST",
            path=SECRET.path(self._own_namespace),
            body={
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": KEY_SECRET, "namespace": self._own_namespace},
                "type": "Opaque",
                "data": {"key": key},
            },
        )
        try:
            await self._api.call(call)
        except ApiRefusal as refusal:
            if refusal.status_code != 409:  # somebody was faster: theirs is the key
                raise ReferenceUnreadable(f"Secret {KEY_SECRET!r}: {refusal}") from refusal
        return await self._read_key()
