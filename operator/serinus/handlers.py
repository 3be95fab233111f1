"""When: the only kopf decorators, which deliver resources to those who look after them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import kopf
from kopf._cogs.clients import api as kopf_api

from serinus.lookouts import Operator
from serinus.resource.body import Body, is_held
from serinus.resource.names import FINALIZER, GROUP, PLURAL, VERSION


def read_with(read_json: Callable[[str | bytes], Any]) -> None:
    """Have kopf read what the API server says with this, and not with json.loads.

    Whatever json.loads raises on one resource ends kopf for all of them, and so does each start.
    kopf has no place for a reader of one's own: what it calls is replaced where it looks it up.
    """

    def reading(method: str) -> Callable[..., Coroutine[Any, Any, Any]]:
        async def call(url: str, **options: Any) -> Any:
            async with await kopf_api.request(method, url, **options) as response:
                return await response.json(loads=read_json)

        return call

    kopf_api.get, kopf_api.patch = reading("get"), reading("patch")  # lists, and the finalizer
    kopf_api.json = SimpleNamespace(loads=read_json)  # type: ignore[assignment, attr-defined]  # of a watch


@kopf.on.startup()
async def configure(settings: kopf.OperatorSettings, **_: Any) -> None:
    """Have kopf write nothing on a resource but its finalizer, and wait for nothing for ever."""
    settings.persistence.finalizer = FINALIZER
    settings.persistence.progress_storage = kopf.AnnotationsProgressStorage(prefix=GROUP)
    settings.persistence.diffbase_storage = kopf.AnnotationsDiffBaseStorage(prefix=GROUP)
    settings.posting.enabled = False  # events are told by the loop, with reasons of their own
    settings.scanning.disabled = True  # the namespaces are given; CRDs are none of our rights
    settings.networking.request_timeout = 30
    settings.networking.connect_timeout = 10
    settings.watching.server_timeout = 300
    settings.watching.client_timeout = 310  # later than the server's, so that it ends streams
    settings.watching.connect_timeout = 10
    settings.watching.chunk_size = 100  # bodies that are in memory at a time as they came
    settings.queueing.idle_timeout = 1.0  # a worker costs as much memory as the body it waits for


@kopf.on.login()
async def log_in(memo: Any, **_: Any) -> kopf.ConnectionInfo:
    """Be to the API server who the rest of the operator is."""
    return kopf.ConnectionInfo(**await memo.operator.outside.credentials())


@kopf.on.cleanup()
async def rest(memo: Any, **_: Any) -> None:
    """Say that all who looked have ended, and what they had to tell is told: it is time to end."""
    await memo.operator.outside.all_told()
    memo.idle.set()


@kopf.on.event(GROUP, VERSION, PLURAL)
async def notice(event: Any, memo: Any, **_: Any) -> None:
    """Take in every change; tidy up before kopf takes the finalizer off a deleted resource."""
    body: Body = event["object"]
    operator: Operator = memo.operator
    if event["type"] == "DELETED":
        await operator.forget(body)
        return
    lookout = operator.lookout(body)
    lookout.deliver(body)
    leave_the_name_tags(event["object"])
    if "deletionTimestamp" in body["metadata"] and is_held(body):
        await lookout.leave()


def leave_the_name_tags(body: dict[str, Any]) -> None:
    """Take out what was delivered: kopf keeps a body as long as its resource exists."""
    body["metadata"].pop("managedFields", None)
    body.pop("spec", None)
    body.pop("status", None)


@kopf.daemon(GROUP, VERSION, PLURAL, cancellation_timeout=5.0)
async def look_after(body: kopf.Body, memo: Any, stopped: kopf.DaemonStopped, **_: Any) -> None:
    """Look after one resource for as long as it exists.

    To stop, kopf cancels what is under way; that cuts a look as a crash would, and is as harmless.
    """
    with suppress(asyncio.CancelledError):
        await memo.operator.lookout(body).keep_looking()
        await stopped.wait()  # a daemon that ends before it is told to never comes back
