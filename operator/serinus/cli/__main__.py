"""Entry point of `serinus` and, under the name kubectl-serinus, of `kubectl serinus`."""

from __future__ import annotations

import sys
from pathlib import Path

from serinus.cli.exits import Ended, ExitCode


def main() -> int:
    """Run the command that the arguments ask for and return its exit code."""
    try:
        from serinus.cli.app import app  # noqa: PLC0415 - typer is an extra
    except ModuleNotFoundError as missing:
        print(f"{missing}: install it with `pip install 'serinus[cli]'`", file=sys.stderr)
        return ExitCode.USAGE
    is_plugin = Path(sys.argv[0]).stem.startswith("kubectl")
    try:
        app(prog_name="kubectl serinus" if is_plugin else "serinus")
    except Ended as ended:
        if message := str(ended):
            print(message, file=sys.stderr)
        return ended.code
    except SystemExit as ended:  # how typer ends: 2 after a wrong command line
        return ExitCode.USAGE if ended.code == 2 else int(ended.code or 0)
    return ExitCode.HEALTHY


if __name__ == "__main__":
    sys.exit(main())
