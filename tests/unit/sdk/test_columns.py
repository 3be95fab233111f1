"""Training data is the same, whichever file it comes in."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow.feather import write_feather
from pyarrow.parquet import write_table

from serinus_sdk import Baseline
from serinus_sdk.columns import read_columns

AGES = [float(number) for number in range(20, 60)]
COLUMNS: dict[str, list[Any]] = {
    "age": [None, *AGES],
    "country": ["NO", *["IT", "FR"] * 20],
    "score": [number / 41 for number in range(41)],
}


def parquet(table: Any, path: Path) -> None:
    write_table(table, path)


def feather(table: Any, path: Path) -> None:
    write_feather(table, path)


def arrow_file(table: Any, path: Path) -> None:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as to:
        to.write_table(table)


def arrow_stream(table: Any, path: Path) -> None:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as to:
        to.write_table(table)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("data.parquet", parquet),
        ("data.pq", parquet),
        ("data.feather", feather),
        ("data.arrow", arrow_file),
        ("data.ipc", arrow_file),
        ("data.arrow", arrow_stream),
    ],
)
def test_a_baseline_is_the_same_from_a_file_as_from_what_was_written(
    tmp_path: Path, name: str, write: Any
) -> None:
    write(pa.table(COLUMNS), tmp_path / name)
    read = read_columns(tmp_path / name)
    assert read == COLUMNS
    assert Baseline.fit(read).digest == Baseline.fit(COLUMNS).digest


def test_names_by_number_are_names(tmp_path: Path) -> None:
    table = pa.table(COLUMNS)
    encoded = table.set_column(1, "country", table["country"].dictionary_encode())
    parquet(encoded, tmp_path / "data.parquet")
    assert read_columns(tmp_path / "data.parquet") == COLUMNS


def test_what_is_no_arrow_at_all_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data.arrow").write_text("age,country")
    with pytest.raises(ValueError, match="neither a file nor a stream of Arrow"):
        read_columns(tmp_path / "data.arrow")
