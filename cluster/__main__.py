"""The command line: `python3 -m cluster VERB`."""

import argparse
import sys

from cluster.errors import ClusterError


def main(argv: list[str] | None = None) -> int:
    """Do what the verb says; what a person has to put right ends in one message, not a trace."""
    parser = argparse.ArgumentParser(prog="python3 -m cluster", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("assets")
    arguments = parser.parse_args(argv)
    try:
        if arguments.verb == "assets":
            from cluster.assets import directory
            print(directory())
    except ClusterError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
