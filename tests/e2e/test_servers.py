"""Real model servers, each by its preset and a dozen lines: judged by metrics of their own."""

import pytest

from demo.sights import Load
from serinus.resource.status import Fate, Status, VerdictValue
from tests.e2e.conftest import Examples, Figure
from tests.e2e.example import SERVERS, START_SECONDS, Example
from tests.e2e.model import ROLLOUT_SECONDS

ANSWERED_BADLY = "status-500"
"""The server's own word; what is lost on the way is a 503 or no answer at all."""


@pytest.mark.parametrize("name", SERVERS)
def test_good_version_is_promoted_and_a_bad_one_rolled_back(
    name: str, examples: Examples, figure: Figure
) -> None:
    example = examples(name)
    example.apply_version("1")
    example.serves("1", START_SECONDS)
    clients = example.callers()
    example.apply_version("2")
    promoted = example.has_ended("2", Fate.PROMOTED, START_SECONDS + ROLLOUT_SECONDS)
    is_judged_by_what_the_server_counted(example, promoted)
    example.serves("2", START_SECONDS)
    before = clients.counted()
    assert dict(before.causes) == {}
    example.apply_version("3")
    refused = example.has_ended("3", Fate.ROLLED_BACK, START_SECONDS + ROLLOUT_SECONDS)
    is_refused_for_its_errors(refused)
    load = clients.leave()
    lost_nothing(load)
    figure(f"{name}_requests", load.sent)
    figure(f"{name}_requests_failed_by_shift", load.failures - load.causes[ANSWERED_BADLY])
    figure(f"{name}_bad_answers_before_rollback", load.causes[ANSWERED_BADLY])


def is_judged_by_what_the_server_counted(example: Example, promoted: Status) -> None:
    verdict = next(each for each in promoted.verdicts if each.objective == "error-rate")
    assert verdict.verdict is VerdictValue.PASS
    assert promoted.stable is not None
    counted = example.counted_by_the_server()[promoted.stable.revision]
    assert 0 < verdict.canary_samples <= counted


def is_refused_for_its_errors(refused: Status) -> None:
    assert refused.stable_version == "2"
    record = refused.history[0]
    assert (record.version, record.reason) == ("3", "ObjectiveFailed")
    assert record.message.startswith("error-rate: canary ")


def lost_nothing(load: Load) -> None:
    """Version 3 answers no to rows with a value that is missing; nothing else goes wrong."""
    assert set(load.causes) == {ANSWERED_BADLY}, dict(load.causes)
    assert load.by("1").bad == load.by("2").bad == 0
    assert min(load.by(version).requests for version in ("1", "2", "3")) > 0
