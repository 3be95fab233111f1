"""Answers of the API server are read as json.loads does, whatever one object in them is like."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.adapters.kubernetes_json import DEEPEST, read_json
from serinus.resource.depth import DEEPEST_SPEC, is_deeper

TEXTS = st.text() | st.text(alphabet='{}[]"\\,:a')
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=40,
)
WRITTEN_AS = st.fixed_dictionaries(
    {"ensure_ascii": st.booleans(), "indent": st.sampled_from([None, 1])}
)


@given(VALUES, WRITTEN_AS)
def test_what_json_can_read_is_read_the_same(value: Any, written_as: dict[str, Any]) -> None:
    text = json.dumps(value, **written_as)
    assert read_json(text) == read_json(text.encode()) == value


@given(VALUES, WRITTEN_AS, st.integers(1, 4))
def test_what_is_too_deep_is_cut_there_and_nothing_else_is_lost(
    value: Any, written_as: dict[str, Any], deepest: int
) -> None:
    read = read_json(json.dumps(value, **written_as), deepest=deepest)
    assert read == cut(value, deepest)
    assert is_deeper(value, deepest) == (read != value)


def cut(value: Any, levels: int) -> Any:
    if not isinstance(value, dict | list):
        return value
    if not levels:
        return "(nested too deeply)"
    if isinstance(value, dict):
        return {key: cut(inner, levels - 1) for key, inner in value.items()}
    return [cut(inner, levels - 1) for inner in value]


@pytest.mark.parametrize("levels", [DEEPEST + 1, 999, 1_500, 9_999])
@pytest.mark.parametrize(("begin", "end"), [('{"a":', "}"), ("[", "]"), ('[{"]": ', "}]")])
def test_one_object_nested_without_end_spoils_no_other_on_a_list(
    levels: int, begin: str, end: str
) -> None:
    deep = begin * levels + "1" + end * levels
    before, after = '{"name": "}\\"{"}', '{"name": "b", "ports": [80]}'
    read = read_json(f'{{"items": [{before}, {{"spec": {deep}}}, {after}]}}')
    first, spoilt, last = read["items"]
    assert (first, last) == (json.loads(before), json.loads(after))
    assert is_deeper(spoilt["spec"], DEEPEST_SPEC), "what was cut must be refused"
    assert not is_deeper(read, DEEPEST)
    assert json.loads(json.dumps(read)) == read


@pytest.mark.parametrize("text", ["", "{", '{"a": "', "[" * 5_000, '[{"a":' * 5_000 + '"' * 99])
def test_half_an_answer_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"Expecting|Unterminated|delimiter"):
        read_json(text)
