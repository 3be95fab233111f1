"""Who is compared: the rules of others, as their documentation has them set up."""

from __future__ import annotations

from benchmarks.verdicts.rules.argo import Argo
from benchmarks.verdicts.rules.classic import Classic
from benchmarks.verdicts.rules.cloudwatch import CloudWatch
from benchmarks.verdicts.rules.flagger import Flagger
from benchmarks.verdicts.rules.group_sequential import GroupSequential, Shape
from benchmarks.verdicts.rules.kayenta import Kayenta
from benchmarks.verdicts.rules.naive_z import NaiveZ
from benchmarks.verdicts.rules.on_latency import FlaggerOnLatency, KayentaOnLatency
from benchmarks.verdicts.rules.oracle import Oracle
from benchmarks.verdicts.rules.rule import Rule

FLAGGER = Flagger()
ORACLE = Oracle()
TOOLS: tuple[Rule, ...] = (
    FLAGGER,
    Flagger(threshold=1),
    Argo(failure_limit=0),
    Argo(failure_limit=3),
    CloudWatch(),
    Kayenta(),
)
TESTS: tuple[Rule, ...] = (
    NaiveZ(),
    GroupSequential(shape=Shape.POCOCK),
    GroupSequential(shape=Shape.OBRIEN_FLEMING),
)
PEERS: tuple[Rule, ...] = (Classic(), *TOOLS, *TESTS)
ON_LATENCY: tuple[Rule, ...] = (
    FlaggerOnLatency(limit_seconds=0.3),
    FlaggerOnLatency(limit_seconds=0.5),
    KayentaOnLatency(),
    NaiveZ(),
)
