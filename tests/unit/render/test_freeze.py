"""What a pod gets that its user did not write, and what of theirs is never touched."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from serinus.render.freeze import freeze
from serinus.resource.revision import Revision
from serinus.servers.filling import first_port
from tests.build import CANARY, MODEL, spec, wanted
from tests.fakes.world import spec_of

CONTAINER = {"name": "model", "image": "models/fraud:2"}
SLEEP = {"sleep": {"seconds": 5}}


def frozen(template: dict[str, Any], **config: Any) -> Revision:
    fields = config.pop("fields", {})
    return freeze(MODEL, spec(**fields), wanted(CANARY, template, config=config))


def container(**fields: Any) -> Any:
    """The only container of a template that has these fields, as it is frozen."""
    made = frozen({"spec": {"containers": [CONTAINER | fields]}})
    return made.pod_template["spec"]["containers"][0]


def metadata(**written: Any) -> Any:
    template = spec_of("2")["template"] | {"metadata": written}
    return frozen(template).pod_template["metadata"]


def test_pods_carry_model_and_revision_and_the_users_own_labels() -> None:
    assert metadata(labels={"team": "risk"})["labels"] == {
        "team": "risk",
        "serinus.dev/model": MODEL,
        "serinus.dev/revision": CANARY,
    }


def test_nobody_labels_a_pod_as_another_revisions() -> None:
    assert (
        metadata(labels={"serinus.dev/revision": "x"})["labels"]["serinus.dev/revision"] == CANARY
    )


def test_where_the_metrics_are_is_annotated_and_the_users_word_wins() -> None:
    assert metadata()["annotations"] == {
        "serinus.dev/metrics-port": "8080",
        "serinus.dev/metrics-path": "/metrics",
    }
    mine = {"serinus.dev/metrics-port": "9", "example.com/a": "b"}
    assert metadata(annotations=mine)["annotations"] == mine | {
        "serinus.dev/metrics-path": "/metrics"
    }


def test_a_metrics_port_asked_for_beats_the_first_of_the_pod() -> None:
    made = frozen(spec_of("2")["template"], fields={"metrics": {"port": 9100, "path": "/stats"}})
    assert made.pod_template["metadata"]["annotations"] == {
        "serinus.dev/metrics-port": "9100",
        "serinus.dev/metrics-path": "/stats",
    }


@pytest.mark.parametrize("written", [None, {}, {"labels": None, "annotations": None}])
def test_metadata_written_as_null_is_as_good_as_none(written: Any) -> None:
    template = spec_of("2")["template"] | {"metadata": written}
    assert frozen(template).pod_template["metadata"]["labels"]["serinus.dev/model"] == MODEL


@pytest.mark.parametrize("written", [{}, {"lifecycle": None}, {"lifecycle": {"preStop": None}}])
def test_a_container_without_a_hook_sleeps_before_it_stops(written: Any) -> None:
    assert container(**written)["lifecycle"]["preStop"] == SLEEP


def test_a_hook_of_the_users_own_is_kept_and_so_is_what_stands_beside_it() -> None:
    mine = {"preStop": {"exec": {"command": ["/drain"]}}}
    assert container(lifecycle=mine)["lifecycle"] == mine
    start = {"postStart": {"sleep": {"seconds": 1}}}
    assert container(lifecycle=start)["lifecycle"] == start | {"preStop": SLEEP}


@pytest.mark.parametrize(("grace", "hook"), [(60, 5), (3, 3), (0, None)])
def test_the_sleep_fits_into_the_pods_grace_period(grace: int, hook: int | None) -> None:
    pod = {"containers": [CONTAINER], "terminationGracePeriodSeconds": grace}
    lifecycle = frozen({"spec": pod}).pod_template["spec"]["containers"][0]["lifecycle"]
    assert lifecycle == ({"preStop": {"sleep": {"seconds": hook}}} if hook else {})


def test_a_crash_leaves_its_last_words_unless_the_user_has_a_place_for_them() -> None:
    assert container()["terminationMessagePolicy"] == "FallbackToLogsOnError"
    assert container(terminationMessagePolicy="File")["terminationMessagePolicy"] == "File"


def test_every_container_gets_it_and_init_containers_do_not() -> None:
    template = {
        "spec": {
            "containers": [CONTAINER, {"name": "log", "image": "log:1"}],
            "initContainers": [{"name": "load", "image": "load:1"}],
        }
    }
    pod = frozen(template).pod_template["spec"]
    assert [each["lifecycle"]["preStop"] for each in pod["containers"]] == [SLEEP, SLEEP]
    assert pod["initContainers"] == template["spec"]["initContainers"]


def test_the_users_template_is_not_changed() -> None:
    template = spec_of("2")["template"] | {"metadata": {"labels": {"team": "risk"}}}
    template["spec"]["containers"][0] |= {
        "lifecycle": {"postStart": {}},
        "envFrom": [{"configMapRef": {"name": "thresholds"}}],
    }
    before = deepcopy(template)
    frozen(template, thresholds={"data": {}})
    assert template == before


def test_references_lead_to_the_copies_and_what_has_none_keeps_its_name() -> None:
    template = spec_of("2")["template"]
    template["spec"]["containers"][0]["envFrom"] = [
        {"configMapRef": {"name": "thresholds"}},
        {"configMapRef": {"name": "absent", "optional": True}},
    ]
    made = frozen(template, thresholds={"data": {}})

    sources = made.pod_template["spec"]["containers"][0]["envFrom"]
    names = [source["configMapRef"]["name"] for source in sources]
    assert names == [f"{MODEL}-{CANARY}-thresholds", "absent"]
    assert made.config_names == (f"{MODEL}-{CANARY}-thresholds",)


@pytest.mark.parametrize(
    ("containers", "port"),
    [
        ([{}], 8080),
        ([{"ports": None}, {"ports": []}], 8080),
        ([{}, {"ports": [{"containerPort": 9}, {"containerPort": 8}]}], 9),
        (
            [
                {"ports": [{"containerPort": 1}]},
                {"name": "model", "ports": [{"containerPort": 9}]},
            ],
            9,
        ),
    ],
    ids=["none", "none named", "the first of the first that names one", "the model's own"],
)
def test_the_first_port(containers: Any, port: int) -> None:
    assert first_port({"spec": {"containers": containers}}) == port


@pytest.mark.parametrize(
    ("written", "is_set"), [({}, False), ({"enableServiceLinks": True}, True)], ids=["left", "set"]
)
def test_services_set_no_variables_in_pods_unless_that_is_wanted(
    written: dict[str, Any], is_set: bool
) -> None:
    # A model called bentoml has a Service that sets BENTOML_PORT, which BentoML takes for its own.
    made = frozen({"spec": {"containers": [CONTAINER], **written}})
    assert made.pod_template["spec"]["enableServiceLinks"] is is_set
