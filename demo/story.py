"""The story, act by act: what is done to the cluster, and what has to come of it."""

from __future__ import annotations

from collections.abc import Callable

from cluster.addons import GATEWAY_NAMESPACE
from demo.clients import clients_come, clients_leave, has_answers
from demo.killing import operator_is_killed
from demo.manifests.templates import fill
from demo.names import CRASHES, FIRST, GOOD, HOST, IGNORES, MODEL, NAMESPACE, NULLS
from demo.sights import Sight
from demo.stage import REQUEST_TIMEOUT, Stage
from serinus.resource.status import Fate, Phase

REPLICAS = 3
EVIDENCE_REQUESTS = 60
"""What the canary has answered when the operator dies: enough to be missed if it were lost."""


def tell(stage: Stage) -> None:
    for announcement, act in ACTS:
        stage.announce(announcement)
        act(stage)


def apply(stage: Stage, version: str) -> None:
    manifest = fill(
        "diagnosis",
        name=MODEL,
        namespace=NAMESPACE,
        replicas=REPLICAS,
        version=version,
        image=stage.image,
        gateway_name="public",
        gateway_namespace=GATEWAY_NAMESPACE,
        host=HOST,
    )
    stage.kubectl.run(
        "apply",
        "--server-side",
        "--field-manager=serinus-demo",
        REQUEST_TIMEOUT,
        "-f",
        "-",
        stdin=manifest,
    )


def first_version_is_installed(stage: Stage) -> None:
    apply(stage, FIRST)

    def serves(sight: Sight) -> bool:
        is_stable = sight.status.stable_version == FIRST
        return sight.is_up_to_date and is_stable and sight.status.phase is Phase.HEALTHY

    stage.watch.until(serves, f"version {FIRST} serves", 120)


def good_version_comes_on_trial(stage: Stage) -> None:
    apply(stage, GOOD)
    stage.watch.until(_is_on_trial, f"version {GOOD} gets traffic", 90, _good_was_refused)


def _is_on_trial(sight: Sight) -> bool:
    return sight.status.weight > 0 and has_answers(sight, GOOD, EVIDENCE_REQUESTS)


def _good_was_refused(sight: Sight) -> bool:
    return sight.fate_of(GOOD) is Fate.ROLLED_BACK


def operator_dies(stage: Stage) -> None:
    operator_is_killed(stage, stage.watch.last)


def good_version_is_promoted(stage: Stage) -> None:
    def is_stable(sight: Sight) -> bool:
        return sight.fate_of(GOOD) is Fate.PROMOTED and sight.status.phase is Phase.HEALTHY

    stage.watch.until(is_stable, f"version {GOOD} is promoted", 120, _good_was_refused)


def bad_version_is_rolled_back(stage: Stage) -> None:
    _is_rolled_back(stage, NULLS)


def crashing_version_is_rolled_back(stage: Stage) -> None:
    _is_rolled_back(stage, CRASHES)


def ignoring_version_is_rolled_back(stage: Stage) -> None:
    _is_rolled_back(stage, IGNORES)
    what = "what is left of the versions that were rolled back is gone"
    stage.watch.until(lambda sight: not sight.status.draining, what, 60)


def _is_rolled_back(stage: Stage, version: str) -> None:
    def was_refused(sight: Sight) -> bool:
        is_over = sight.status.phase is Phase.ROLLED_BACK
        return is_over and sight.fate_of(version) is Fate.ROLLED_BACK

    def was_let_in(sight: Sight) -> bool:
        return sight.fate_of(version) is Fate.PROMOTED

    apply(stage, version)
    stage.watch.until(was_refused, f"version {version} is rolled back", 120, was_let_in)


ACTS: tuple[tuple[str, Callable[[Stage], None]], ...] = (
    (
        f"Version {FIRST} is installed: the first one has nothing to be compared with",
        first_version_is_installed,
    ),
    ("Clients come, with rows that no model has seen", clients_come),
    (f"Version {GOOD} is applied, a good one", good_version_comes_on_trial),
    (f"The operator is killed while version {GOOD} is on trial", operator_dies),
    (f"The next operator goes on, and version {GOOD} is promoted", good_version_is_promoted),
    (f"Version {NULLS} is applied, which answers null to some rows", bad_version_is_rolled_back),
    (f"Version {CRASHES} is applied, which crashes on load", crashing_version_is_rolled_back),
    (
        f"Version {IGNORES} is applied, which ignores a feature that its callers send",
        ignoring_version_is_rolled_back,
    ),
    ("The clients leave", clients_leave),
)
