"""Each model server and each signal: it is watched, or refused with a way out that there is."""

import re
from typing import Any

import pytest

from serinus.errors import SpecInvalid
from serinus.resource.objective_kinds import DURATIONS, Preset
from serinus.resource.objectives import CLUSTER_DEFAULT, Templates, read_objectives, resolve
from serinus.resource.spec import Spec, parse_spec
from serinus.servers.preset import ingredients_of, preset_of, server_names, source_names
from tests.unit.resource.manifests import spec

BY_VERSION = {"name": "own", "value": 'max(p{version="$(version)"})', "limit": "0.5"}
OWN = {"name": "own", "bad": "b", "total": "t", "limit": "1%"}
OF_THE_SDK = {
    Preset.NULL_OUTPUTS,
    Preset.MISSING_INPUTS,
    Preset.INVALID_INPUTS,
    Preset.OUT_OF_RANGE_INPUTS,
    Preset.UNSEEN_CATEGORIES,
    Preset.DRIFT,
}
EVERY = [(server, preset) for server in server_names() for preset in Preset]


def asked(server: str, objective: dict[str, Any], source: str | None = None) -> Spec:
    metrics = {"metrics": {"source": source}} if source else {}
    model = {"version": "7", "server": server}
    return parse_spec(spec(model=model, objectives=[objective], **metrics))


def of(preset: Preset) -> dict[str, Any]:
    if preset in DURATIONS:
        return {"preset": str(preset), "limit": "1s"}
    if preset is Preset.QUALITY:
        return {"preset": str(preset), "worseThanStable": {"by": "2%"}, "labelDelay": "1h"}
    return {"preset": str(preset), "limit": "0.2" if preset is Preset.DRIFT else "5%"}


def shown(server: str, preset: Preset) -> bool:
    """Whether there are series, apart from the rules."""
    if preset is Preset.QUALITY:
        return True
    if preset in OF_THE_SDK:
        return preset_of(server).runs_your_code or server == "standard"
    return str(preset) in ingredients_of(server).presets


def told(server: str, preset: Preset) -> str:
    with pytest.raises(SpecInvalid) as refused:
        asked(server, of(preset))
    return str(refused.value)


def way_out(server: str, preset: Preset, message: str) -> None:
    """Take every way out that a message names, and see that it is one."""
    sources = re.search(r"set metrics\.source to ([-a-z]+(?: or [-a-z]+)*)", message)
    servers = re.search(r"a server that does \(([-a-z0-9, ]+)\)", message)
    assert sources or servers, message
    for source in sources[1].split(" or ") if sources else ():
        assert source in source_names()
        assert asked(server, of(preset), source).objectives
    for other in servers[1].split(", ") if servers else ():
        assert shown(other, preset)
        assert asked(other, of(preset)).objectives
    assert "PromQL" in message
    assert asked(server, BY_VERSION).objectives
    assert asked(server, OWN).objectives


@pytest.mark.parametrize(("server", "preset"), [each for each in EVERY if shown(*each)])
def test_what_a_server_shows_can_be_asked_for(server: str, preset: Preset) -> None:
    assert asked(server, of(preset)).objectives[0].preset is preset


@pytest.mark.parametrize(("server", "preset"), [each for each in EVERY if not shown(*each)])
def test_what_it_does_not_show_is_refused_with_a_way_out(server: str, preset: Preset) -> None:
    message = told(server, preset)
    assert f"objectives: this model.server shows nothing to tell {preset} by; " in message
    way_out(server, preset, message)


@pytest.mark.parametrize(("server", "preset"), [each for each in EVERY if not shown(*each)])
def test_what_the_cluster_or_a_template_asks_for_is_told_with_the_same_way_out(
    server: str, preset: Preset
) -> None:
    """No rule of the API server sees those: the condition says it."""
    model = {"version": "7", "server": server}
    source = {"metrics": {"source": "istio"}} if not shown(server, Preset.ERROR_RATE) else {}
    plain = parse_spec(spec(model=model, **source))
    found = resolve(plain, Templates(), read_objectives([of(preset)]))
    if source and preset in {Preset.ERROR_RATE, Preset.LATENCY}:
        assert found.objectives, "the source shows it"
        return
    assert found.trouble is not None
    assert found.trouble.message.startswith(f"{CLUSTER_DEFAULT}: objective '{preset}': model ")
    way_out(server, preset, found.trouble.message)


@pytest.mark.parametrize(
    "server", [each for each in server_names() if not shown(each, Preset.ERROR_RATE)]
)
def test_a_server_whose_defaults_can_not_be_told_says_so_without_any_objective(
    server: str,
) -> None:
    with pytest.raises(SpecInvalid) as refused:
        parse_spec(spec(model={"version": "7", "server": server}))
    sources = re.search(r"set it to ([-a-z]+(?: or [-a-z]+)*)", str(refused.value))
    assert sources
    for source in sources[1].split(" or "):
        parse_spec(spec(model={"version": "7", "server": server}, metrics={"source": source}))
    assert "PromQL" in str(refused.value)
