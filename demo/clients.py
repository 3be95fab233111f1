"""The clients: they come once the route answers, and leave with an exact count."""

from __future__ import annotations

import json
import urllib.request
from http.client import HTTPException

from demo.errors import UnreachableError
from demo.manifests.templates import fill
from demo.names import FIRST, HOST, LOAD_POD, NAMESPACE
from demo.sights import Load, Sight, read_load
from demo.stage import REQUEST_TIMEOUT, Stage

RATE_PER_SECOND = 60
LONGEST_SECONDS = 900
ANSWERS_IN_A_ROW = 5
"""One good answer could be luck: a proxy's workers learn of a route one after the other."""
LEAVING_SECONDS = 30


def clients_come(stage: Stage) -> None:
    """Only once the route answers: what fails before that failed because of no shift."""
    url = f"{stage.addresses.gateway}/readyz"
    in_a_row = 0

    def answers(_: Sight) -> bool:
        nonlocal in_a_row
        in_a_row = in_a_row + 1 if is_answered_by_a_model(url) else 0
        return in_a_row >= ANSWERS_IN_A_ROW

    stage.watch.until(answers, f"the gateway answers {url} for host {HOST}", 60)
    stage.kubectl.run("apply", REQUEST_TIMEOUT, "-f", "-", stdin=_manifest(stage))
    stage.watch.until(lambda s: has_answers(s, FIRST, 100), "the clients get answers", 60)


def _manifest(stage: Stage) -> str:
    return fill(
        "load",
        namespace=NAMESPACE,
        image=stage.image,
        target_url=f"{stage.addresses.gateway_in_cluster}/predict",
        host_header=HOST,
        rate_per_second=RATE_PER_SECOND,
        duration_seconds=LONGEST_SECONDS,
        new_connection_per_request="false",
    )


def is_answered_by_a_model(url: str, host: str = HOST) -> bool:
    request = urllib.request.Request(url, headers={"Host": host})
    # No proxy of the user's stands between this machine and its own cluster.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=2.0) as answer:
            return "x-model-version" in answer.headers
    except (OSError, HTTPException):
        return False


def has_answers(sight: Sight, version: str, requests: int) -> bool:
    return sight.load is not None and sight.load.by(version).requests >= requests


def clients_leave(stage: Stage) -> None:
    """Their last words count every request: the ones still on their way have come back."""
    where = f"--namespace={NAMESPACE}"
    stage.kubectl.run(
        "exec",
        LOAD_POD,
        where,
        REQUEST_TIMEOUT,
        "--",
        "python3",
        "-c",
        "import os, signal; os.kill(1, signal.SIGTERM)",
    )
    stage.kubectl.run(
        "wait",
        f"pod/{LOAD_POD}",
        where,
        f"--timeout={LEAVING_SECONDS}s",
        "--for=jsonpath={.status.phase}=Succeeded",
    )
    lines = stage.kubectl.run("logs", LOAD_POD, where, REQUEST_TIMEOUT, "--tail=1")
    stage.final_load = read_last_words(lines)


def read_last_words(lines: str) -> Load:
    try:
        load = read_load(json.loads(lines.strip().splitlines()[-1]))
    except (IndexError, ValueError, KeyError, TypeError) as error:
        raise UnreachableError(f"the clients' last line is no summary: {lines!r}") from error
    if not load.is_final:
        raise UnreachableError("the clients ended without their summary")
    return load
