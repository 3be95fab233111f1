"""An incident on record is decided again as it was."""

from __future__ import annotations

import json

from hypothesis import given

from serinus.report.record import replay_record, write_record
from serinus.resource.body import Resource
from tests.build import Given
from tests.properties.cases import QUICK, cases


@QUICK
@given(cases())
def test_a_record_gives_the_decision_it_tells_of(case: Given) -> None:
    resource = Resource(
        namespace="prod",
        name="fraud",
        uid="uid-1",
        generation=3,
        resource_version="1",
        raw_spec=case.spec.model_dump(mode="json", by_alias=True, exclude_none=True),
    )
    decision = case.decide()

    text = write_record(resource, case.spec, case.memory, case.seen, decision)

    assert replay_record(text) == decision
    assert "\n" not in text
    told = json.loads(text)
    assert [told[name] for name in ("rule", "phase", "reason", "message")] == [
        decision.rule,
        decision.phase,
        decision.reason,
        decision.message,
    ]
    assert "models/fraud" not in text, "templates are nobody's business"
