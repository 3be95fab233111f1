"""What all tests share: how hypothesis searches, and which tests need a server to run."""

import os

import pytest
from hypothesis import HealthCheck, settings

# A deadline measures the machine and fails at random on a shared one; the suite's timeout stays.
settings.register_profile(
    "default", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", settings.get_profile("default"), max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

NEEDS = {
    "integration": ("KUBEBUILDER_ASSETS", "needs a kube-apiserver: run `make integration`"),
    "e2e": ("SERINUS_E2E", "needs a node: run `make e2e`"),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, saying why, what a bare `pytest` can't run; the make targets bring what is needed."""
    for item in items:
        for marker, (variable, reason) in NEEDS.items():
            if item.get_closest_marker(marker) and not os.environ.get(variable):
                item.add_marker(pytest.mark.skip(reason=reason))
