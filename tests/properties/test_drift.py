"""Whatever is counted, drift gets a verdict, and no verdict on drift ever ends a rollout."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from serinus.evidence.block import Block, read_block, write_block
from serinus.evidence.drift_verdict import drift_verdict
from serinus.resource.objective import Objective, Preset
from serinus.resource.objective_kinds import Against, Drifting, Statistic
from serinus.resource.status import VerdictValue
from serinus.resource.verdict import MOST_FEATURES_TOLD
from serinus.signals.tally import Tally

START = datetime(2030, 1, 1, tzinfo=UTC)

labels = st.sampled_from(["0.5", "1", "10", "+Inf", "=red", "=(other)", "=(unseen)"])
counts = st.integers(0, 10**6).map(float) | st.just(1e18)
features = st.sampled_from(["", "age", "city", *map(str, range(12))])
bins = st.dictionaries(features, st.dictionaries(labels, counts, max_size=6), max_size=12)
tallies = st.tuples(st.integers(0, 10**6), bins, bins).map(
    lambda drawn: Tally(total=float(drawn[0]), bins=drawn[1], trained=drawn[2])
)
objectives = st.sampled_from(
    [
        Objective(preset=Preset.DRIFT, limit=limit, against=against, of=of)
        for limit in ("0", "0.1", "5")
        for against in (None, Against.STABLE)
        for of in (None, Drifting.PREDICTIONS)
    ]
)


@given(objectives, st.lists(st.tuples(tallies, tallies), max_size=3), st.sampled_from(Statistic))
def test_drift_passes_or_holds_and_tells_no_more_than_fits(
    objective: Objective, tracks: list[tuple[Tally, Tally]], statistic: Statistic
) -> None:
    objective = objective.model_copy(update={"statistic": statistic})
    blocks = [
        Block(
            since=START + timedelta(minutes=minute),
            until=START + timedelta(minutes=minute + 1),
            canary=canary,
            stable=stable,
        )
        for minute, (canary, stable) in enumerate(tracks)
    ]
    verdict = drift_verdict(objective, blocks, START)
    assert verdict.verdict in {VerdictValue.PASS, VerdictValue.UNDECIDED}
    assert verdict.message
    assert len(verdict.features or ()) <= MOST_FEATURES_TOLD


@given(st.dictionaries(features, st.dictionaries(labels, st.integers(0, 99).map(float))))
def test_bins_survive_being_stored(counted: dict[str, dict[str, float]]) -> None:
    seen = Tally(total=1.0, bins=counted, trained=counted)
    block = Block(since=START, until=START, canary=seen, stable=Tally(total=2.0))
    assert read_block(write_block(block)) == block
