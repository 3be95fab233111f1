"""What can be compared where stable is on one model server and the canary on another."""

from serinus.resource.comparison import told_apart
from serinus.resource.objective import Objective, Preset, WorseThanStable
from serinus.resource.revision import Shows

BY = WorseThanStable(by="1%")
ERRORS = Objective(preset=Preset.ERROR_RATE, worse_than_stable=BY)
TAIL = Objective(preset=Preset.LATENCY, worse_than_stable=BY)
NULLS = Objective(preset=Preset.NULL_OUTPUTS, worse_than_stable=BY)
OWN = Objective(name="own", bad="sum(a{$(selector)})", total="sum(b{$(selector)})", limit="1%")

VLLM, TGI, TORCHSERVE, KSERVE = (
    Shows(server=each) for each in ("vllm", "tgi", "torchserve", "kserve")
)


def test_one_server_is_nothing_to_tell() -> None:
    renamed = Shows(server="vllm", served_name="llama")
    assert told_apart([ERRORS, TAIL], renamed, VLLM, None) == ("", False)


def test_what_is_counted_apart_is_named() -> None:
    message, holds = told_apart([ERRORS, TAIL, NULLS, OWN], KSERVE, Shows(server="mlserver"), None)
    assert message.startswith(
        "error-rate, latency: stable is on mlserver and the canary on kserve; each is counted as"
    )
    assert not holds


def test_what_can_not_be_compared_holds_and_says_what_to_do() -> None:
    message, holds = told_apart([TAIL], VLLM, TORCHSERVE, None)
    assert holds
    assert "torchserve, which shows nothing to tell latency by" in message
    assert "set metrics.source to envoy-gateway or" in message
    first = Objective(preset=Preset.TIME_TO_FIRST_TOKEN, worse_than_stable=BY)
    message, holds = told_apart([first], VLLM, TGI, None)
    assert holds
    assert "metrics.source" not in message, "nobody else sees tokens"


def test_a_limit_alone_needs_no_stable() -> None:
    limit = Objective(preset=Preset.LATENCY, limit="1s")
    assert told_apart([limit], VLLM, TORCHSERVE, None) == ("", False)


def test_a_source_is_the_same_for_both() -> None:
    assert told_apart([ERRORS, TAIL], VLLM, TORCHSERVE, "istio") == ("", False)
