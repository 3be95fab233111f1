"""The command line: `python3 -m cluster VERB`."""

import argparse
import os
import shlex
import sys
from collections.abc import Callable

from cluster import assets, programs
from cluster.errors import ClusterError
from cluster.images import build
from cluster.providers import NAMES, chosen
from cluster.steps import say
from cluster.target import Cluster


def main(argv: list[str] | None = None) -> int:
    """Do what the verb says; what a person has to put right ends in one message, not a trace."""
    arguments = _parser().parse_args(argv)
    try:
        return ACTIONS[arguments.verb](arguments)
    except ClusterError as error:
        print(f"error: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("interrupted; the next `up` goes on from here", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m cluster", description=__doc__)
    which = argparse.ArgumentParser(add_help=False)
    which.add_argument("--cluster", choices=NAMES, help="which one; else $CLUSTER, else auto")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("up", parents=[which], help="make it run; harmless when it does")
    verbs.add_parser("down", parents=[which], help="take it away without a trace")
    verbs.add_parser("status", parents=[which], help="what runs, and where it answers")
    verbs.add_parser("kubeconfig", parents=[which], help="the administrator's kubeconfig")
    verbs.add_parser("shell-env", parents=[which], help="`eval` it to use kubectl and helm")
    verbs.add_parser("assets", help="the directory for KUBEBUILDER_ASSETS")
    path = verbs.add_parser("path", help="where a program is, made if missing")
    path.add_argument("program")
    image = verbs.add_parser("image", parents=[which], help="build an image and load it")
    image.add_argument("containerfile")
    image.add_argument("context")
    image.add_argument("tag")
    image.add_argument("--build-arg", action="append", default=[], metavar="KEY=VALUE")
    return parser


def _up(arguments: argparse.Namespace) -> int:
    cluster = chosen(arguments.cluster)
    cluster.up()
    say(
        f"{cluster.name}: up. {cluster.addresses().gateway} is its gateway, "
        f"{cluster.addresses().prometheus} its Prometheus"
    )
    return 0


def _down(arguments: argparse.Namespace) -> int:
    chosen(arguments.cluster).down()
    return 0


def _status(arguments: argparse.Namespace) -> int:
    cluster = chosen(arguments.cluster)
    up = cluster.is_up()
    print(f"cluster: {cluster.name}, {'up' if up else 'not up'}")
    for line in [*cluster.details(), *(_answers(cluster) if up else [])]:
        print(line)
    return 0 if up else 1


def _answers(cluster: Cluster) -> list[str]:
    at = cluster.addresses()
    return [
        f"kubeconfig: {cluster.kubeconfig()}",
        f"gateway: {at.gateway} (in the cluster: {at.gateway_in_cluster})",
        f"prometheus: {at.prometheus} (in the cluster: {at.prometheus_in_cluster})",
    ]


def _kubeconfig(arguments: argparse.Namespace) -> int:
    print(chosen(arguments.cluster).kubeconfig())
    return 0


def _shell_env(arguments: argparse.Namespace) -> int:
    at = chosen(arguments.cluster)
    print(f"export KUBECONFIG={shlex.quote(str(at.kubeconfig()))}")
    print(f"export PATH={shlex.quote(str(programs.clients().ensure()))}:$PATH")
    return 0


def _assets(arguments: argparse.Namespace) -> int:
    del arguments
    print(assets.directory())
    return 0


def _path(arguments: argparse.Namespace) -> int:
    print(programs.path_of(arguments.program))
    return 0


def _image(arguments: argparse.Namespace) -> int:
    pairs = [pair.partition("=") for pair in arguments.build_arg]
    # As with docker, a name alone passes on what the environment says.
    given = {key: value if equals else os.environ.get(key, "") for key, equals, value in pairs}
    print(
        build(arguments.containerfile, arguments.context, arguments.tag, given, arguments.cluster)
    )
    return 0


ACTIONS: dict[str, Callable[[argparse.Namespace], int]] = {
    "up": _up,
    "down": _down,
    "status": _status,
    "kubeconfig": _kubeconfig,
    "shell-env": _shell_env,
    "assets": _assets,
    "path": _path,
    "image": _image,
}

if __name__ == "__main__":
    sys.exit(main())
