from serinus.signals.series import KUBERNETES_LABELS, Answer, ScrapeLabels, Series, of_pods


def of(pod: str, namespace: str = "prod") -> Series:
    return Series(labels={"pod": pod, "namespace": namespace}, samples=((0.0, 1.0),))


SERIES = (of("fraud-aaa-1"), of("fraud-bbb-1"), of("fraud-aaa-2"), of("fraud-aaa-1", "test"))


def test_a_track_gets_its_own_pods_of_its_own_namespace() -> None:
    for answer in (SERIES, Answer(SERIES)):
        found = of_pods(answer, "prod", "fraud-aaa-", KUBERNETES_LABELS)
        assert [series.labels["pod"] for series in found] == ["fraud-aaa-1", "fraud-aaa-2"]


def test_a_model_whose_name_begins_like_another_keeps_to_itself() -> None:
    answer = Answer((of("fraud-aaa-1"), of("fraud-v2-aaa-1")))
    assert len(of_pods(answer, "prod", "fraud-aaa-", KUBERNETES_LABELS)) == 1


def test_one_answer_serves_scrape_configurations_with_other_label_names() -> None:
    answer = Answer((Series(labels={"kubernetes_pod": "a-b-1", "ns": "prod"}, samples=()),))
    assert of_pods(answer, "prod", "a-b-", KUBERNETES_LABELS) == ()
    labels = ScrapeLabels(namespace="ns", pod="kubernetes_pod")
    assert len(of_pods(answer, "prod", "a-b-", labels)) == 1


def test_no_series_are_no_pods() -> None:
    assert of_pods((), "prod", "fraud-aaa-", KUBERNETES_LABELS) == ()
