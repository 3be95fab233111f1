"""The command itself: quick to start, clear when it is used wrongly or finds no cluster."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from serinus.cli.__main__ import main
from tests.architecture.sources import ROOT

Serinus = Callable[..., tuple[int, str, str]]


@pytest.fixture
def serinus(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Serinus:
    """The command as it runs in a shell, without the second it takes to start one."""

    def run(*arguments: str, program: str = "serinus") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", [program, *arguments])
        code = main()
        written = capsys.readouterr()
        return int(code), written.out, written.err

    return run


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT / "operator")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_runs_as_a_module_and_lists_its_verbs() -> None:
    help_ = python("-m", "serinus.cli", "--help")
    assert help_.returncode == 0
    assert all(verb in help_.stdout for verb in ("status", "promote", "abort", "retry", "approve"))


def test_as_a_plug_in_it_calls_itself_kubectl_serinus(serinus: Serinus) -> None:
    code, out, _ = serinus("--help", program="/usr/local/bin/kubectl-serinus")
    assert code == 0
    assert "Usage: kubectl serinus" in out


def test_a_wrong_command_line_is_not_taken_for_progress(serinus: Serinus) -> None:
    code, _, err = serinus("frobnicate", "fraud")
    assert code == 64
    assert "No such command 'frobnicate'" in err


def test_a_time_out_that_is_no_duration_is_refused(serinus: Serinus) -> None:
    code, _, err = serinus("status", "fraud", "--wait", "--timeout", "soon")
    assert code == 64
    assert "no duration such as" in " ".join(err.split())


@pytest.mark.parametrize("verb", ["status", "promote", "abort", "retry", "approve"])
def test_without_a_kubeconfig_it_says_so(serinus: Serinus, verb: str, tmp_path: Path) -> None:
    code, out, err = serinus(verb, "fraud", "--kubeconfig", str(tmp_path / "none"))
    assert (code, out) == (3, "")
    assert err.startswith("no usable kubeconfig")


@pytest.mark.parametrize(
    "content", [b"{{{", b"- a\n- list", b"\xff\xfe", b"", b"clusters: 1", b"contexts: [1]"]
)
def test_a_kubeconfig_that_is_none_is_told_in_one_line(
    serinus: Serinus, tmp_path: Path, content: bytes
) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_bytes(content)
    code, out, err = serinus("status", "fraud", "--kubeconfig", str(kubeconfig))
    assert (code, out) == (3, "")
    assert err.startswith("no usable kubeconfig")
    assert err.count("\n") == 1


@pytest.mark.parametrize("verb", ["status", "explain", "promote", "abort", "retry", "approve"])
def test_a_name_that_is_empty_is_refused(serinus: Serinus, verb: str) -> None:
    """As of a variable that is not set: it would be the list of all."""
    code, _, err = serinus(verb, "")
    assert code == 64
    assert "it is empty" in err


def test_an_api_server_that_does_not_answer_is_named(serinus: Serinus, tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(
        '{"clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],'
        ' "contexts": [{"name": "x", "context": {"cluster": "c", "user": ""}}],'
        ' "current-context": "x"}'
    )
    code, out, err = serinus("status", "fraud", "--kubeconfig", str(kubeconfig))
    assert (code, out) == (3, "")
    assert err.startswith("no answer from https://127.0.0.1:1")


def test_slow_imports_wait_until_they_are_needed() -> None:
    program = "import sys, serinus.cli.app; print({'kubernetes', 'rich'} & set(sys.modules))"
    assert python("-c", program).stdout == "set()\n"


def test_without_its_extra_it_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['typer'] = None\n"
        "from serinus.cli.__main__ import main; sys.exit(main())"
    )
    bare = python("-c", program)
    assert bare.returncode == 64
    assert "pip install 'serinus[cli]'" in bare.stderr
