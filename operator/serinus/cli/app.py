"""The verbs: what people can ask about a rollout, and tell it."""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from serinus.cli import baseline
from serinus.cli.access import Access, NoAnswer, ResourceChanged, connect
from serinus.cli.aim import Aim, take_aim
from serinus.cli.exits import Ended, ExitCode
from serinus.cli.explain import explained
from serinus.cli.given import duration, named
from serinus.cli.known import described, listed
from serinus.cli.replay import app as replay_app
from serinus.cli.standing import exit_code, pending_commands
from serinus.errors import StatusUnreadable
from serinus.resource.body import Resource, read_resource
from serinus.resource.names import command_annotation
from serinus.resource.status import Phase, Status, parse_status

if TYPE_CHECKING:
    from rich.console import RenderableType

WIDTH_WITHOUT_TERMINAL = 160
WRITE_TRIES = 5
"""The operator writes status every few seconds; a race with it is no reason to give up."""
POLL_SECONDS = 2.0

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Watch over the rollouts of machine-learning models.",
)
app.add_typer(baseline.app, name="baseline")

Name = Annotated[
    str, typer.Argument(parser=named, metavar="NAME", help="Name of the MLModelDeployment.")
]
Namespace = Annotated[
    str | None, typer.Option("-n", "--namespace", help="The context's own by default.")
]
Context = Annotated[str | None, typer.Option("--context", help="Context of the kubeconfig.")]
Kubeconfig = Annotated[
    Path | None, typer.Option("--kubeconfig", help="Instead of $KUBECONFIG and ~/.kube/config.")
]
Revision = Annotated[
    str | None, typer.Option("--revision", help="Refuse if this is not the revision it is about.")
]


class Output(StrEnum):
    """How `status` is written."""

    TEXT = "text"
    JSON = "json"


app.add_typer(replay_app, name="replay")


@app.command()
def status(
    name: Name,
    output: Annotated[Output, typer.Option("-o", "--output", help="How it is written.")] = (
        Output.TEXT
    ),
    wait: Annotated[
        bool, typer.Option("--wait", help="Until it is no longer in progress.")
    ] = False,
    timeout: Annotated[
        Any, typer.Option(parser=duration, metavar="DURATION", help="Longest time to wait.")
    ] = "2h",
    namespace: Namespace = None,
    context: Context = None,
    kubeconfig: Kubeconfig = None,
) -> None:
    """Tell how a model stands. Exit code: 0 healthy, 1 failed, 2 in progress, 3 not reached."""
    cluster = connect(kubeconfig, context, namespace)
    deadline = time.monotonic() + (timeout if wait else 0)
    resource, told = look(cluster, name)
    while exit_code(resource, told) is ExitCode.IN_PROGRESS and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        with suppress(NoAnswer):  # an API server that restarts ends no rollout
            resource, told = look(cluster, name)
    code = exit_code(resource, told)
    print_as_json(resource, told, code) if output is Output.JSON else print_page(resource, told)
    is_late = wait and code is ExitCode.IN_PROGRESS
    raise Ended(code, f"still in progress after {timeout:g} s" if is_late else "")


@app.command()
def explain(
    name: Name,
    namespace: Namespace = None,
    context: Context = None,
    kubeconfig: Kubeconfig = None,
    prometheus: Annotated[
        str | None,
        typer.Option(
            "--prometheus",
            help="Base URL: tell the time by the last hour's traffic there.",
        ),
    ] = None,
) -> None:
    """Tell what decides a rollout, which of it are defaults, and what the past says of it."""
    cluster = connect(kubeconfig, context, namespace)
    resource, told = look(cluster, name)
    if prometheus is None:
        print(explained(resource, told))
        return
    from serinus.cli.live import live  # noqa: PLC0415 - takes all stages, and a second

    print(explained(resource, told, live(resource, told, prometheus, cluster.template)))


@app.command()
def presets(
    name: Annotated[str | None, typer.Argument(help="Name of one, to be told all of it.")] = None,
) -> None:
    """List the model servers that are known; of one, its ports, probes, traps and queries."""
    print(listed() if name is None else described(name))


@app.command()
def promote(
    name: Name,
    revision: Revision = None,
    namespace: Namespace = None,
    context: Context = None,
    kubeconfig: Kubeconfig = None,
) -> None:
    """Make the canary stable as soon as its pods are ready, without further evidence."""
    tell(connect(kubeconfig, context, namespace), "promote", name, revision)


@app.command()
def abort(
    name: Name,
    revision: Revision = None,
    namespace: Namespace = None,
    context: Context = None,
    kubeconfig: Kubeconfig = None,
) -> None:
    """Roll the canary back at once; it is not tried again before a retry or a new spec."""
    tell(connect(kubeconfig, context, namespace), "abort", name, revision)


@app.command()
def retry(
    name: Name,
    revision: Revision = None,
    namespace: Namespace = None,
    context: Context = None,
    kubeconfig: Kubeconfig = None,
) -> None:
    """Try the failed revision that the spec still asks for once more, from the first step."""
    tell(connect(kubeconfig, context, namespace), "retry", name, revision)


@app.command()
def approve(
    name: Name,
    revision: Revision = None,
    namespace: Namespace = None,
    context: Context = None,
    kubeconfig: Kubeconfig = None,
) -> None:
    """Let the rollout go on from the step it pauses on, and from no other."""
    tell(connect(kubeconfig, context, namespace), "approve", name, revision)


def look(cluster: Access, name: str) -> tuple[Resource, Status]:
    """Return a resource and its status.

    Raises:
        Ended: it can't be had, or its status can't be read by this version.
    """
    resource = read_resource(cluster.read(name))
    try:
        return resource, parse_status(resource.raw_status)
    except StatusUnreadable as wrong:
        message = f"the status of {name} is of a newer operator than this command: {wrong}"
        raise Ended(ExitCode.NOT_REACHED, message) from wrong


def tell(cluster: Access, verb: str, name: str, revision: str | None) -> None:
    """Set a command's annotation; while others write too, only as long as it means the same.

    Raises:
        Ended: there is nothing to act on, or what there was has changed meanwhile.
    """
    first: Aim | None = None
    for _ in range(WRITE_TRIES):
        resource, told = look(cluster, name)
        aim = take_aim(verb, resource, told, revision, datetime.now(UTC))
        if first is not None and not first.has_same_target(aim):
            break
        first = first or aim
        try:
            cluster.annotate(name, command_annotation(verb), aim.text, resource.resource_version)
        except ResourceChanged:
            continue
        when = "waits until spec.paused is gone" if told.phase is Phase.SUSPENDED else "asked for"
        print(f"{verb} of version {aim.version} ({aim.revision}) {when}; see `status {name}`")
        return
    message = f"{name} changed while you asked, so nothing was done: look again with `status`"
    raise Ended(ExitCode.FAILED, message)


def print_page(resource: Resource, told: Status) -> None:
    """Write the status for people, in colours where a terminal shows them."""
    from serinus.cli.show import page  # noqa: PLC0415 - takes rich

    print_rich(page(resource, told, datetime.now(UTC)))


def print_rich(content: RenderableType) -> None:
    """Write what is laid out, as wide as a terminal is, or wide enough without one."""
    from rich.console import Console  # noqa: PLC0415 - most verbs do without

    width = None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL
    Console(width=width, highlight=False, markup=False, emoji=False).print(content)


def print_as_json(resource: Resource, told: Status, code: ExitCode) -> None:
    """Write the status for programs."""
    summary = {
        "name": resource.name,
        "namespace": resource.namespace,
        "generation": resource.generation,
        "exitCode": int(code),
        "pendingCommands": pending_commands(resource, told),
        "status": resource.raw_status,
    }
    print(json.dumps(summary, indent=2))
