"""`status --wait` waits for the end of a rollout, not for the API server's next restart."""

from collections.abc import Mapping
from typing import Any

import pytest
from kubernetes.client import ApiException
from urllib3.exceptions import ProtocolError

from serinus.cli import app
from serinus.cli.access import Cluster, NoAnswer
from serinus.cli.exits import Ended, ExitCode
from tests.unit.cli.situations import body, healthy, progressing

PROGRESSING, HEALTHY = body(progressing()), body(healthy(), version="7")


class Api:
    """Answers one after another; what is an exception is raised."""

    def __init__(self, *answers: Mapping[str, Any] | Exception) -> None:
        self.answers = list(answers)

    def get_namespaced_custom_object(self, **_: Any) -> Mapping[str, Any]:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def waited(monkeypatch: pytest.MonkeyPatch, *answers: Mapping[str, Any] | Exception) -> Ended:
    cluster = Cluster(Api(*answers), "https://here", "ml")
    monkeypatch.setattr(app, "connect", lambda *_: cluster)
    monkeypatch.setattr(app, "POLL_SECONDS", 0)
    with pytest.raises(Ended) as ended:
        app.status("fraud", app.Output.JSON, wait=True, timeout=3600.0)
    return ended.value


@pytest.mark.parametrize(
    "trouble",
    [
        ProtocolError("Connection aborted."),
        ConnectionResetError(),
        ApiException(status=503),
        ApiException(status=429),
        ApiException(status=0),
    ],
)
def test_an_api_server_that_is_away_for_a_moment_ends_no_wait(
    monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    ended = waited(monkeypatch, PROGRESSING, trouble, trouble, PROGRESSING, HEALTHY)
    assert ended.code is ExitCode.HEALTHY


def test_what_waiting_does_not_mend_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = waited(monkeypatch, PROGRESSING, ApiException(status=403))
    assert (ended.code, type(ended)) == (ExitCode.NOT_REACHED, Ended)
    assert "you may not read" in str(ended)


def test_one_that_never_answered_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = waited(monkeypatch, ApiException(status=503))
    assert isinstance(ended, NoAnswer)
    assert ended.code is ExitCode.NOT_REACHED
