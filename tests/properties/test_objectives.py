"""What holds of the objectives in force, whatever is asked for and whatever is there."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from serinus.resource.objective_template import MOST_OBJECTIVES, TemplateKind
from serinus.resource.objectives import Templates, resolve
from serinus.resource.spec import parse_spec
from tests.unit.resource.manifests import spec

TITLES = [f"o{number}" for number in range(12)]
NAMES = ("a", "b", "c")
kinds = st.sampled_from(TemplateKind)


def objective(title: str, limit: str = "1") -> dict[str, Any]:
    return {"name": title, "value": "v", "limit": limit}


own = st.lists(st.sampled_from(TITLES), unique=True, max_size=10)
listed = st.lists(st.sampled_from(TITLES), unique=True, min_size=1, max_size=10)
templates = st.dictionaries(st.tuples(kinds, st.sampled_from(NAMES)), listed, max_size=5)
references = st.lists(
    st.tuples(kinds, st.sampled_from(NAMES), st.sampled_from((None, "2", "nonsense"))),
    min_size=1,
    max_size=5,
)


@given(own=own, templates=templates, references=references, reads_cluster=st.booleans())
def test_all_is_in_force_that_was_asked_for_or_it_is_said_what_is_not(
    own: list[str],
    templates: dict[tuple[TemplateKind, str], list[str]],
    references: list[tuple[TemplateKind, str, str | None]],
    reads_cluster: bool,
) -> None:
    written = {
        key: {
            "args": [{"name": "limit", "value": "1"}],
            "objectives": [objective(title, "$(args.limit)") for title in titles],
        }
        for key, titles in templates.items()
        if reads_cluster or key[0] is TemplateKind.NAMESPACED
    }
    asked = parse_spec(
        spec(
            objectives=[objective(title) for title in own],
            objectiveTemplates=[
                {"kind": kind, "name": name}
                | ({} if limit is None else {"args": [{"name": "limit", "value": limit}]})
                for kind, name, limit in references
            ],
        )
    )

    found = resolve(asked, Templates(specs=written, reads_cluster=reads_cluster), None)

    titles = [each.title for each in found.objectives]
    assert len(set(titles)) == len(titles) <= MOST_OBJECTIVES
    assert titles[: len(own)] == own, "nothing takes the place of a model's own"
    assert set(found.sources) == set(titles)
    wanted = [*own]
    for kind, name, _ in references:
        wanted += templates.get((kind, name), [])
    is_whole = (
        all((kind, name) in written and limit != "nonsense" for kind, name, limit in references)
        and len(set(wanted)) == len(wanted) <= MOST_OBJECTIVES
    )
    assert (found.trouble is None) is is_whole
    if is_whole:
        assert titles == wanted
