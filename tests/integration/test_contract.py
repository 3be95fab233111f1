"""The adapter on a real API server keeps the same contract as the scenarios' cluster."""

from __future__ import annotations

import pytest

from serinus.adapters.kubernetes import Cluster
from tests.contract.statements import Statements
from tests.contract.subjects import Real, Subject
from tests.integration.admin import Admin
from tests.integration.controllers import Controllers


class TestRealCluster(Statements):
    """Read to a kube-apiserver."""

    @pytest.fixture
    def subject(self, cluster: Cluster, admin: Admin, controllers: Controllers) -> Subject:
        """A namespace of its own."""
        return Real(cluster, admin, controllers)
