"""A baseline by its address: over https and pinned, or refused in words that name it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from serinus.adapters.kubernetes_pods import LONGEST_LAST_WORDS
from serinus_sdk import Baseline, BaselineInvalid, fetching
from tests.unit.adapters.certificates import certificate, server_tls
from tests.unit.sdk.shown import baseline

DIGEST = baseline().digest
OTHER = "sha256:" + "0" * 64
SHORT = "000000000000"
Answer = Callable[[BaseHTTPRequestHandler], None]


def whole(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    request.wfile.write(baseline().dumps().encode())


class Shop:
    """An https server on loopback, and what it answers."""

    def __init__(self, folder: Path) -> None:
        self.answers: dict[str, Answer] = {"/baseline.json": whole}
        self.asked: list[str] = []
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                shop.asked.append(self.path)
                shop.answers[self.path](self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.pair = certificate(folder)
        self.server.socket = server_tls(self.pair).wrap_socket(
            self.server.socket, server_side=True
        )
        Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def at(self, path: str) -> str:
        return f"https://127.0.0.1:{self.server.server_port}{path}"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    found = Shop(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(found.pair.public))
    monkeypatch.setenv("NO_PROXY", "*")
    yield found
    found.server.shutdown()
    found.server.server_close()


def refused(source: str) -> str:
    with pytest.raises(BaselineInvalid) as told:
        Baseline.load(source)
    return str(told.value)


def test_a_baseline_is_read_from_an_address_that_says_its_digest(shop: Shop) -> None:
    assert Baseline.load(f"{shop.at('/baseline.json')}#{DIGEST}") == baseline()


def test_another_one_under_the_same_address_is_refused_with_both_digests(shop: Shop) -> None:
    address = shop.at("/baseline.json")
    assert refused(f"{address}#{OTHER}") == f"{address} holds {DIGEST}, not {SHORT}"


def test_a_server_ends_with_words_that_the_operator_tells_to_their_end(shop: Shop) -> None:
    """A canary's message has the last line of its traceback, and so much of it."""
    address = shop.at("/models/fraud/2026-11/baseline.json")
    shop.answers["/models/fraud/2026-11/baseline.json"] = whole
    program = f"from serinus_sdk import Baseline; Baseline.load('{address}#{OTHER}')"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    words = ended.stderr.decode().strip().splitlines()[-1]
    assert words.endswith(f"BaselineInvalid: {address} holds {DIGEST}, not {SHORT}")
    assert len(words) <= LONGEST_LAST_WORDS
    assert ended.returncode == 1


def test_an_address_without_a_digest_is_not_even_asked(shop: Shop) -> None:
    address = shop.at("/baseline.json")
    assert refused(address) == f"{address}: add #sha256:..., the digest that its file says"
    assert shop.asked == []


@pytest.mark.parametrize("scheme", ["http", "file", "ftp", "s3"])
def test_an_address_that_is_no_https_is_refused(scheme: str) -> None:
    assert "a baseline is a file or an https:// address" in refused(f"{scheme}://a/b#{DIGEST}")


@pytest.mark.parametrize("target", ["http://127.0.0.1:9/x", "file:///etc/passwd"])
def test_it_is_not_redirected_to_what_is_no_https(shop: Shop, target: str) -> None:
    def elsewhere(request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", target)
        request.end_headers()

    shop.answers["/moved"] = elsewhere
    message = refused(f"{shop.at('/moved')}#{DIGEST}")
    assert message.startswith(shop.at("/moved"))
    assert "no https://" in message or "Redirection" in message


def test_it_may_be_redirected_within_https(shop: Shop) -> None:
    def elsewhere(request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", shop.at("/baseline.json"))
        request.end_headers()

    shop.answers["/moved"] = elsewhere
    assert Baseline.load(f"{shop.at('/moved')}#{DIGEST}") == baseline()


def test_one_that_is_not_there_is_told_with_its_address_and_no_secret_of_it(shop: Shop) -> None:
    shop.answers["/gone?signature=secret"] = lambda request: request.send_error(404)
    message = refused(f"{shop.at('/gone?signature=secret')}#{DIGEST}")
    assert message == f"{shop.at('/gone')}: HTTP Error 404: Not Found"


def test_a_server_that_nobody_vouches_for_is_not_believed(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path, "somebody").public))
    assert "CERTIFICATE_VERIFY_FAILED" in refused(f"{shop.at('/baseline.json')}#{DIGEST}")


@pytest.mark.parametrize(
    ("limit", "value", "words"),
    [("MOST_BYTES", 100, "more than"), ("WHOLE_SECONDS", -1.0, "not there after")],
)
def test_what_is_too_large_or_takes_too_long_is_given_up(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, limit: str, value: float, words: str
) -> None:
    monkeypatch.setattr(fetching, limit, value)
    assert words in refused(f"{shop.at('/baseline.json')}#{DIGEST}")


def test_a_server_that_says_nothing_is_given_up(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "SILENCE_SECONDS", 0.2)
    shop.server.shutdown()  # it listens, and nobody answers
    assert "timed out" in refused(f"{shop.at('/baseline.json')}#{DIGEST}")


def test_what_is_no_baseline_is_refused_by_its_address(shop: Shop) -> None:
    def page(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        request.wfile.write(b"<html>")

    shop.answers["/page"] = page
    assert refused(f"{shop.at('/page')}#{DIGEST}").startswith(f"{shop.at('/page')}: not a base")


def test_a_file_can_be_pinned_as_well(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    baseline().save(path)
    assert Baseline.load(f"{path}#{DIGEST}") == baseline()
    assert refused(f"{path}#{OTHER}") == f"{path} holds {DIGEST}, not {SHORT}"
