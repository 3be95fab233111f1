"""The verb `baseline build`: from a file of training data to the file that goes with the model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serinus.cli.exits import Ended, ExitCode

if TYPE_CHECKING:
    from serinus_sdk import Baseline

app = typer.Typer(
    no_args_is_help=True, help="What a model's training data looked like, for its server to tell."
)


@app.callback()
def baseline() -> None:
    """Make typer take `build` for a verb even while it is the only one."""


@app.command()
def build(  # noqa: PLR0913, PLR0917 - as many options as it has
    data: Annotated[Path, typer.Argument(help="Training data: .csv, .parquet or .arrow.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")] = Path(
        "baseline.json"
    ),
    prediction: Annotated[
        str | None, typer.Option(help="Column of what the model says of each row.")
    ] = None,
    truth: Annotated[str | None, typer.Option(help="Column of what it should have said.")] = None,
    drop: Annotated[
        list[str] | None, typer.Option(help="A column that is no feature; may be repeated.")
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option(help="A column of numbers that are names; may be repeated."),
    ] = None,
    version: Annotated[str, typer.Option(help="The model's version.")] = "",
    bins_from: Annotated[
        Path | None,
        typer.Option(help="Baseline of the version before: its bins are kept, to compare both."),
    ] = None,
) -> None:
    """Write the baseline of training data: types, bins, counts and what is missing."""
    made = _made(data, prediction, truth, drop or [], category or [], version, bins_from)
    try:
        made.save(output)
    except OSError as fault:
        raise Ended(ExitCode.FAILED, str(fault)) from fault
    print(f"{output}: {made.rows:,} rows, {len(made.features)} features, {made.digest}")


def _made(
    data: Path,
    prediction: str | None,
    truth: str | None,
    drop: list[str],
    categories: list[str],
    version: str,
    bins_from: Path | None,
) -> Baseline:
    """Return the baseline.

    Raises:
        Ended: the data can't be read, lack a column that was named, or make no baseline.
    """
    try:
        from serinus_sdk import Baseline  # noqa: PLC0415 - a distribution of its own
        from serinus_sdk.columns import read_columns  # noqa: PLC0415

        columns = read_columns(data)
        named = [each for each in (prediction, truth, *drop, *categories) if each]
        if lacking := [each for each in named if each not in columns]:
            raise Ended(ExitCode.USAGE, f"{data} has no column {', '.join(lacking)}")
        return Baseline.fit(
            {k: v for k, v in columns.items() if k not in {prediction, truth, *drop}},
            columns[prediction] if prediction else None,
            truth=columns[truth] if truth else None,
            categories=categories,
            version=version,
            bins_from=Baseline.load(bins_from) if bins_from else None,
        )
    except ModuleNotFoundError as missing:
        message = f"{missing}: install it with `pip install 'serinus-sdk[build]'`"
        raise Ended(ExitCode.USAGE, message) from missing
    except (OSError, ValueError) as fault:
        raise Ended(ExitCode.FAILED, str(fault)) from fault
