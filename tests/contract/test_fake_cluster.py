"""The scenarios' cluster keeps the contract, or the scenarios would prove nothing."""

from __future__ import annotations

import pytest

from tests.contract.statements import Statements
from tests.contract.subjects import Fake, Subject


class TestFakeCluster(Statements):
    """Read to the fake."""

    @pytest.fixture
    def subject(self) -> Subject:
        """The cluster of the scenarios, empty."""
        return Fake()
