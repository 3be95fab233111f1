import pytest

from serinus.servers.selectors import read_selector, summed_selector


@pytest.mark.parametrize(
    ("expression", "selector"),
    [
        ("requests_total", "requests_total"),
        ('requests_total{code="500"}', 'requests_total{code="500"}'),
        ('sum(requests_total{code=~"5.."})', 'requests_total{code=~"5.."}'),
        (' sum ( (requests_total{a="b",}) ) ', 'requests_total{a="b",}'),
        ('{__name__=~"a|b",pod!=""}', '{__name__=~"a|b",pod!=""}'),
        ("sum(:tensorflow:serving:request_count{status!='OK'})", None),
        ('sum(a{text="} or )"})', 'a{text="} or )"}'),
    ],
)
def test_a_sum_of_a_selector_is_counted_from_raw_samples(
    expression: str, selector: str | None
) -> None:
    inner = ":tensorflow:serving:request_count{status!='OK'}"
    assert summed_selector(expression) == (selector or inner)


@pytest.mark.parametrize(
    "expression",
    [
        "sum(rate(requests_total[5m]))",
        "sum(a) + sum(b)",
        "(a) + (b)",
        "max(a)",
        "sum by (code) (a)",
        "a offset 1h",
        "2 * a",
        "",
        "sum()",
        'a{code="500"',
        "a{code}",
    ],
)
def test_any_other_expression_is_left_to_prometheus(expression: str) -> None:
    assert summed_selector(expression) is None


@pytest.mark.parametrize(
    ("text", "labels", "is_selected"),
    [
        ('r{code=~"5.."}', {"code": "503"}, True),
        ('r{code=~"5.."}', {"code": "5034"}, False),  # PromQL's patterns match whole values
        ('r{code!~"5..",m="GET"}', {"code": "200", "m": "GET"}, True),
        ('r{code!~"5..",m="GET"}', {"code": "200", "m": "PUT"}, False),
        ('r{reason!=""}', {}, False),
        ('r{reason=""}', {}, True),
        (r'r{path="a\"b"}', {"path": 'a"b'}, True),
        ("r", {"code": "200"}, True),
    ],
)
def test_matchers_mean_what_they_mean_in_promql(
    text: str, labels: dict[str, str], is_selected: bool
) -> None:
    assert read_selector(text).accepts({"__name__": "r", **labels}) is is_selected


def test_another_metric_is_not_selected() -> None:
    assert not read_selector("r").accepts({"__name__": "s"})


@pytest.mark.parametrize("text", ["", "sum(a)", '{code="500"}', 'a{code="500"', 'a{5="b"}'])
def test_what_is_no_selector_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"selector|matcher"):
        read_selector(text)


def test_a_long_query_that_is_no_selector_is_told_apart_at_once() -> None:
    assert summed_selector("a{" + 'b="c"   ' * 250 + "!}") is None
    assert summed_selector("sum(" * 400 + "a" + ")" * 399) is None
