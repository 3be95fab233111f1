"""`make servers`: start real model servers, send requests, and keep what was counted of them."""

import json
import sys
import tempfile
from pathlib import Path

from cluster.programs import path_of
from tests.presets.table import LIVE, PAGE, live_digest, page
from tests.servers import examples
from tests.servers.judged import BAD, GOOD, judge
from tests.servers.recipes import RECIPES


def main(names: list[str]) -> int:
    prometheus = Path(path_of("prometheus"))
    results = json.loads(LIVE.read_text()) if LIVE.exists() else {}
    wrong = sum(not ran(name) for name in names or examples.EXAMPLES if name in examples.EXAMPLES)
    for name in (each for each in names or RECIPES if each in RECIPES):
        with tempfile.TemporaryDirectory() as folder:
            found = judge(name, prometheus, Path(folder))
        recipe = RECIPES[name]
        results[name] = {
            "package": recipe.packages[0],
            "source": recipe.source,
            "of": live_digest(name, recipe.source),
            "signals": found.signals,
        }
        wrong += set(found.signals) != set(recipe.signals)
        print(
            f"{name} ({recipe.packages[0]}): {found.errors.bad:g} errors of "
            f"{found.errors.total:g} requests, {found.latency.total:g} timed; sent were {BAD} of "
            f"{GOOD + BAD}"
        )
    LIVE.write_text(json.dumps(dict(sorted(results.items())), indent=2) + "\n")
    PAGE.write_text(page(PAGE.read_text()))
    return 1 if wrong else 0


def ran(name: str) -> bool:
    """Run an example of the SDK, and return whether it counted what happened."""
    with tempfile.TemporaryDirectory() as folder:
        faults = examples.faults(name, examples.run(name, Path(folder)))
    print(f"{name}: {'; '.join(faults) or 'counted what happened'}")
    if not faults:
        examples.keep(name)
    return not faults


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
