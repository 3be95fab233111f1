"""What is decided is the same with every numpy that the operator may be installed with."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.golden.decisions import CANARIES, GOLDEN, PREDICTING, decided

OLDEST = "2.1.0"
"""As pyproject.toml has it."""


def test_decisions_are_those_written_down() -> None:
    assert decided() == json.loads(GOLDEN.read_text())


def test_bad_canaries_and_good_ones_are_among_them() -> None:
    rollouts = decided()
    ends = {name: rollouts[name]["errors"][-2] for name in CANARIES}
    assert ends["bad"].startswith("fail")
    assert ends["good"].startswith("pass")
    predicted = [rollouts[f"predicts {name}"]["predictions"][-2] for name in PREDICTING]
    assert [each.partition(":")[0] for each in predicted] == ["pass", "fail"]


@pytest.mark.integration
@pytest.mark.skipif(sys.version_info >= (3, 14), reason=f"no numpy {OLDEST} is built for it")
def test_the_oldest_numpy_decides_alike() -> None:
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    older = cache / "serinus" / f"numpy-{OLDEST}-{sys.version_info.major}{sys.version_info.minor}"
    if not (older / "numpy").exists():
        made = older.with_name(f"{older.name}.{os.getpid()}")
        uv = str(Path(sys.executable).with_name("uv"))
        install = [uv, "pip", "install", "--quiet", "--only-binary=:all:", f"--target={made}"]
        subprocess.run([*install, f"--python={sys.executable}", f"numpy=={OLDEST}"], check=True)
        made.rename(older)
    program = (
        "import json, numpy; from tests.golden.decisions import decided; "
        "print(json.dumps([numpy.__version__, decided()]))"
    )
    path = os.pathsep.join([str(older), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": path},
        check=True,
        capture_output=True,
        text=True,
    )
    version, decisions = json.loads(done.stdout)
    assert version == OLDEST
    assert decisions == json.loads(GOLDEN.read_text())
