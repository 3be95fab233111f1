"""`make presets`: hold every preset against Prometheus' rule tester, and write what came of it."""

import json
import sys
import tempfile
from pathlib import Path

from cluster.programs import path_of
from tests.presets.rules import judge
from tests.presets.shows import names
from tests.presets.table import PAGE, RESULTS, digest, page


def main() -> int:
    promtool = Path(path_of("promtool"))
    with tempfile.TemporaryDirectory() as folder:
        objections = {name: judge(promtool, name, Path(folder)) for name in names()}
    results = {name: {"passed": not said, "of": digest(name)} for name, said in objections.items()}
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    PAGE.write_text(page(PAGE.read_text()))
    failed = {name: said for name, said in objections.items() if said}
    for name, said in failed.items():
        print(f"{name}:\n{said}")
    print(f"{len(results) - len(failed)} of {len(results)} presets passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
