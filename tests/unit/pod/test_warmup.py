"""The program that warms a model up, run as the pod runs it, against a server on loopback."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from serinus.render.programs import program
from tests.unit.adapters.stub_prometheus import Reply, serving

LONGEST_SECONDS = 30.0
BODY = '{"text": "für $(nobody)"}'


def free_port() -> int:
    """Below those that the kernel gives away, or somebody may have it before the program has."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as one, suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port
    raise OSError("a hundred ports are all taken")


@contextmanager
def warming(
    port: int, *requests: dict[str, Any], patience_seconds: float = 60
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The program at work, and the port that its probe is sent to."""
    probe_port = free_port()
    plan = {
        "port": port,
        "requests": [{"times": 1, **each} for each in requests],
        "timeoutSeconds": 5,
        "patienceSeconds": patience_seconds,
        "probePort": probe_port,
    }
    process = subprocess.Popen(
        [sys.executable, "-c", program("warmup.py")],
        env={"PATH": os.environ["PATH"], "WARMUP": json.dumps(plan)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process, probe_port
    finally:
        process.kill()
        process.communicate()


def is_ready(port: int) -> bool:
    """Whether the program takes a connection, which it then closes.

    The kernel alone says yes to the first 128, and to no more while the program gets no processor.
    """
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=LONGEST_SECONDS) as taken:
            return taken.recv(1) == b""
    except OSError:
        return False


def wait(port: int, *, ready: bool) -> None:
    end = time.monotonic() + LONGEST_SECONDS
    while is_ready(port) is not ready:
        assert time.monotonic() < end, f"is not {'ready' if ready else 'unready'}"
        time.sleep(0.05)


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def test_a_pod_is_ready_once_every_request_was_answered() -> None:
    post = {"path": "/predict?v=1", "body": BODY, "contentType": "application/json", "times": 2}
    replies = (Reply("", 503), Reply("{}"), Reply("{}"), Reply("{}"))
    with (
        serving(*replies) as model,
        warming(port_of(model.url), {"path": "/ready"}, post) as (_, probe),
    ):
        wait(probe, ready=True)
        assert model.targets == ["/ready", "/ready", "/predict?v=1", "/predict?v=1"]
        assert model.bodies == [BODY, BODY]
        assert model.headers[-1]["content-type"] == "application/json"
        for _ in range(200):
            assert is_ready(probe), "probed again and again"


def test_a_model_that_is_not_there_yet_is_waited_for_and_one_that_restarts_is_cold() -> None:
    port = free_port()
    with warming(port, {"path": "/"}) as (process, probe):
        with serving(Reply("{}"), port=port):
            wait(probe, ready=True)
        wait(probe, ready=False)
        with serving(Reply("{}"), port=port) as again:
            wait(probe, ready=True)
        assert process.poll() is None
    assert again.targets == ["/"]


def test_a_bad_answer_ends_it_with_the_models_own_words() -> None:
    bad = Reply({"error": "unknown feature"}, 400)
    with (
        serving(bad) as model,
        warming(port_of(model.url), {"path": "/p"}, patience_seconds=0) as (process, probe),
    ):
        _, words = process.communicate(timeout=LONGEST_SECONDS)
        assert not is_ready(probe)
    assert process.returncode == 1
    assert words.splitlines()[-1] == 'GET /p answered 400: {"error": "unknown feature"}'


@pytest.mark.parametrize("is_warm", [True, False])
def test_it_ends_when_it_is_told_to(is_warm: bool) -> None:
    """Or every pod's end would take the whole of its grace period."""
    with (
        serving(Reply("{}", 200 if is_warm else 503)) as model,
        warming(port_of(model.url), {"path": "/"}) as (process, probe),
    ):
        if is_warm:
            wait(probe, ready=True)
        end = time.monotonic() + LONGEST_SECONDS
        while not model.targets and time.monotonic() < end:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=LONGEST_SECONDS) == 0
