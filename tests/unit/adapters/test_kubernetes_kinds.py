"""Paths in the API: whatever an object is called, its path stays in its own collection."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from serinus.adapters.kubernetes_kinds import CONFIG_MAP, HTTP_ROUTE

COLLECTION = "/api/v1/namespaces/fraud/configmaps/"
NAMES = st.text(st.sampled_from("./%?#a"), min_size=1) | st.text(min_size=1)


@given(name=NAMES.filter(lambda name: name not in {".", ".."}))
def test_no_name_leads_out_of_its_collection(name: str) -> None:
    """Names come from pod templates, and the HTTP client follows `../` before it asks."""
    asked = URL(f"https://api.example.com{CONFIG_MAP.path('fraud', name)}")
    assert asked.raw_path.startswith(COLLECTION)
    assert "/" not in asked.raw_path.removeprefix(COLLECTION)
    assert (asked.query_string, asked.fragment) == ("", "")


@pytest.mark.parametrize("name", [".", ".."])
def test_a_step_up_is_no_name(name: str) -> None:
    with pytest.raises(ValueError, match="is no name"):
        CONFIG_MAP.path("fraud", name)


def test_an_ordinary_name_is_written_as_it_is() -> None:
    path = HTTP_ROUTE.path("fraud", "fraud.v7-x", "status")
    assert (
        path == "/apis/gateway.networking.k8s.io/v1/namespaces/fraud/httproutes/fraud.v7-x/status"
    )
