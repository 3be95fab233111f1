"""A revision's Deployment: what it says must be something that the API server takes."""

import pytest

from serinus.render.metadata import Owner
from serinus.render.workload import deployment
from tests.build import MODEL, STABLE, revision, spec

OWNER = Owner(namespace="prod", name=MODEL, uid="uid-1", is_owner=True)


@pytest.mark.parametrize(
    ("written", "told"),
    [("10m", 600), ("1500ms", 2), ("1ms", 1), ("0s", 1), ("999999h999999h", 2**31 - 1)],
)
def test_every_deadline_that_a_model_may_have_is_one_that_a_deployment_may_have(
    written: str, told: int
) -> None:
    asked = spec(rollout={"progressDeadline": written})
    made = deployment(OWNER, revision(STABLE), asked, track="stable", size=1, restart="")
    assert made["spec"]["progressDeadlineSeconds"] == told
