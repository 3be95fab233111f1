"""`serinus baseline build`: a file of training data becomes the baseline that a server loads."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from serinus.cli.__main__ import main
from serinus_sdk import Baseline

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    monkeypatch.chdir(tmp_path)

    def serinus(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["serinus", "baseline", "build", *arguments])
        code = main()
        written = capsys.readouterr()
        return int(code), written.out, written.err

    return serinus


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.csv"
    rows = (f"{n},{n % 40},{'Rome' if n % 3 else 'Oslo'},{n % 2},{n % 2}" for n in range(120))
    path.write_text("\n".join(["id,age,city,score,label", *rows]))
    return path


def test_a_csv_becomes_a_baseline(run: Run, data: Path) -> None:
    code, out, err = run(
        *(str(data), "--prediction", "score", "--truth", "label"),
        *("--drop", "id", "--version", "7", "-o", "made.json"),
    )
    made = Baseline.load("made.json")
    assert (code, err) == (0, "")
    assert out == f"made.json: 120 rows, 2 features, {made.digest}\n"
    assert list(made.features) == ["age", "city"]
    assert made.quality == {"accuracy": 1.0}
    assert made.version == "7"


def test_the_bins_of_the_version_before_are_kept(run: Run, data: Path) -> None:
    run(str(data), "-o", "old.json")
    run(str(data), "--category", "id", "--bins-from", "old.json", "-o", "new.json")
    old, new = Baseline.load("old.json"), Baseline.load("new.json")
    assert new.features["age"] == old.features["age"]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("none.csv",), 1, "none.csv"),
        (("data.csv", "--truth", "lable"), 64, "no column lable"),
        (("data.xlsx",), 1, "neither .csv, .parquet"),
        (("data.csv", "-o", "none/made.json"), 1, "none/made.json"),
    ],
)
def test_what_is_wrong_is_told(
    run: Run, data: Path, arguments: tuple[str, ...], code: int, told: str
) -> None:
    data.with_suffix(".xlsx").touch()
    ended, out, err = run(*arguments)
    assert (ended, out) == (code, "")
    assert told in err
