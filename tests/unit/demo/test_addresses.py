"""How the orchestrator asks over HTTP: who answered, and what no answer means."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from demo.apiserver import ApiServer
from demo.clients import ANSWERS_IN_A_ROW, clients_come, is_answered_by_a_model
from demo.errors import StoryError, UnreachableError
from demo.names import HOST
from tests.unit.demo.recorded import status
from tests.unit.demo.theatre import Theatre


class Answers(BaseHTTPRequestHandler):
    """/<code>: that status; /readyz: a model, once the route is there, for our host only."""

    looks_until_routed = 0

    def do_GET(self) -> None:
        if self.path == "/readyz" and self.headers["Host"] == HOST:
            Answers.looks_until_routed -= 1
            return self.answer(404 if Answers.looks_until_routed >= 0 else 200, is_model=True)
        code = self.path.strip("/")
        return self.answer(int(code) if code.isdecimal() else 404)

    def answer(self, code: int, *, is_model: bool = False) -> None:
        self.send_response(code)
        if is_model and code == 200:
            self.send_header("x-model-version", "v1")
        self.end_headers()
        self.wfile.write(b'{"kind": "Some"}' if code == 200 else b"no")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_what_exists_is_read(url: str) -> None:
    assert ApiServer(url).get("/200") == {"kind": "Some"}


@pytest.mark.parametrize("code", [404, 503])
def test_what_is_not_there_yet_is_nothing(url: str, code: int) -> None:
    assert ApiServer(url).get(f"/{code}") is None


@pytest.mark.parametrize("code", [403, 500])
def test_what_is_refused_is_no_nothing(url: str, code: int) -> None:
    with pytest.raises(UnreachableError, match=str(code)):
        ApiServer(url).get(f"/{code}")


def test_an_api_server_that_is_away_is_unreachable() -> None:
    with pytest.raises(UnreachableError):
        ApiServer("http://127.0.0.1:9").get("/200")


def test_only_a_models_answer_says_that_the_route_is_there(url: str) -> None:
    Answers.looks_until_routed = 0
    assert is_answered_by_a_model(f"{url}/readyz")
    assert not is_answered_by_a_model(f"{url}/200")
    assert not is_answered_by_a_model("http://127.0.0.1:9/readyz")


def test_the_clients_come_only_once_the_route_answers_again_and_again(url: str) -> None:
    Answers.looks_until_routed = 3
    theatre = Theatre(scenes=[(status(), {"v1": 100})])
    clients_come(theatre.stage(gateway=url))
    assert Answers.looks_until_routed == -ANSWERS_IN_A_ROW
    assert [each["kind"] for each in theatre.applied] == ["Pod", "Service"]


def test_without_a_route_no_client_comes(url: str) -> None:
    Answers.looks_until_routed = 1_000_000
    theatre = Theatre(scenes=[(status(), {})])
    with pytest.raises(StoryError, match="the gateway answers"):
        clients_come(theatre.stage(gateway=url))
    assert theatre.applied == []
