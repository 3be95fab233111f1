"""`serinus replay`: what a policy would have decided on the past, and how often wrongly."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from serinus.cli.given import duration, share

app = typer.Typer(
    no_args_is_help=True,
    help="Replay a policy on the past: on stable's own pods, or on rollouts there were.",
)


class Output(StrEnum):
    """How it is written."""

    TEXT = "text"
    JSON = "json"


Recording = Annotated[
    Path | None, typer.Option("--recording", help="Samples, one series a line, from a file.")
]
PrometheusUrl = Annotated[
    str | None,
    typer.Option("--prometheus", help="Base URL; SERINUS_PROMETHEUS_* of the environment else."),
]
Policies = Annotated[
    list[Path] | None,
    typer.Option("--policy", help="Spec of another policy, to compare with; may be repeated."),
]
Plot = Annotated[Path | None, typer.Option("--plot", help="Write the evidence over time as SVG.")]
HowWritten = Annotated[Output, typer.Option("-o", "--output", help="How it is written.")]


@app.command()
def aa(  # noqa: PLR0913, PLR0917 - a person chooses among them by name
    file: Annotated[Path, typer.Argument(help="The MLModelDeployment, as YAML.")],
    recording: Recording = None,
    prometheus: PrometheusUrl = None,
    policy: Policies = None,
    days: Annotated[float, typer.Option(min=0.1, help="How far to look back.")] = 7.0,
    until: Annotated[
        str | None, typer.Option(help="End of the past, as RFC 3339; the end of a recording.")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(help="An incident to cut out, as FROM/TO; may be repeated.")
    ] = None,
    worse_by: Annotated[
        list[Any] | None,
        typer.Option(parser=share, metavar="SHARE", help="To look for, as 1%; may be repeated."),
    ] = None,
    namespace: Annotated[str | None, typer.Option("-n", "--namespace")] = None,
    plot: Plot = None,
    output: HowWritten = Output.TEXT,
) -> None:
    """Replay a policy on stable's own pods, some of them taken for a canary."""
    from serinus.cli.history import Asked  # noqa: PLC0415 - takes all stages, and a second
    from serinus.cli.replay_aa import replay_aa  # noqa: PLC0415

    is_json = output is Output.JSON
    asked = Asked(recording=recording, prometheus=prometheus, is_json=is_json, plot=plot)
    replay_aa(
        asked,
        [file, *(policy or ())],
        namespace,
        days=days,
        until=until,
        incidents=without or [],
        excesses=worse_by or [],
    )


@app.command()
def rollouts(
    log: Annotated[Path, typer.Argument(help="The operator's log, or a recording with records.")],
    recording: Recording = None,
    prometheus: PrometheusUrl = None,
    policy: Policies = None,
    scrape_interval: Annotated[
        Any,
        typer.Option(
            parser=duration,
            metavar="DURATION",
            help="How often the models were scraped; SERINUS_SCRAPE_INTERVAL, or 15s.",
        ),
    ] = None,
    plot: Plot = None,
    output: HowWritten = Output.TEXT,
) -> None:
    """Replay the rollouts that the operator has logged, by their policy or by another one."""
    from serinus.cli.history import Asked  # noqa: PLC0415
    from serinus.cli.replay_rollouts import replay_rollouts  # noqa: PLC0415

    samples = recording or (None if prometheus else log)
    is_json = output is Output.JSON
    asked = Asked(recording=samples, prometheus=prometheus, is_json=is_json, plot=plot)
    replay_rollouts(asked, log, list(policy or ()), scrape_interval)
