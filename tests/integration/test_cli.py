"""`serinus` and `kubectl serinus` against a real API server: what they read, write and refuse."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from serinus.cli import access
from serinus.cli.__main__ import main
from serinus.cli.exits import Ended
from serinus.resource.commands import read_commands
from serinus.resource.objective_template import TemplateKind
from tests.architecture.sources import ROOT
from tests.integration.admin import Admin
from tests.integration.control_plane import ControlPlane
from tests.integration.manifests import model_deployment, objective_template
from tests.unit.cli.situations import CANARY, healthy, progressing, rolled_back

Serinus = Callable[..., tuple[int, str, str]]
KIND = "MLModelDeployment"


@pytest.fixture
def serinus(
    control_plane: ControlPlane,
    namespace: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Serinus:
    """The command as somebody runs it in the test's namespace."""

    def run(*arguments: str, user: str = "admin") -> tuple[int, str, str]:
        place = ("-n", namespace, "--kubeconfig", str(control_plane.kubeconfig(user)))
        monkeypatch.setattr(sys, "argv", ["serinus", *arguments, *place])
        code = main()
        written = capsys.readouterr()
        return int(code), written.out, written.err

    return run


async def stand(admin: Admin, namespace: str, status: dict[str, Any]) -> None:
    """Create the resource and tell of it what an operator would."""
    await admin.create(model_deployment(namespace, model={"version": "8"}))
    await admin.set_status(KIND, namespace, "fraud", status | {"observedGeneration": 1})


@pytest.mark.parametrize(
    ("status", "code"), [(healthy(), 0), (rolled_back(), 1), (progressing(), 2)]
)
async def test_status_ends_with_the_code_of_the_situation(
    admin: Admin, namespace: str, serinus: Serinus, status: dict[str, Any], code: int
) -> None:
    await stand(admin, namespace, status)
    ended, out, err = serinus("status", "fraud")
    assert (ended, err) == (code, "")
    assert out.startswith(f"fraud in {namespace}: {status['phase']}\n")
    assert "\x1b" not in out


async def test_status_as_json_holds_what_the_cluster_holds(
    admin: Admin, namespace: str, serinus: Serinus
) -> None:
    await stand(admin, namespace, rolled_back())
    ended, out, _ = serinus("status", "fraud", "-o", "json")
    told = json.loads(out)
    stored = await admin.get(KIND, namespace, "fraud")
    assert (ended, told["exitCode"], told["pendingCommands"]) == (1, 1, [])
    assert told["status"] == stored["status"]


async def test_waiting_ends_with_its_time_out(
    admin: Admin, namespace: str, serinus: Serinus
) -> None:
    await stand(admin, namespace, progressing())
    ended, _, err = serinus("status", "fraud", "--wait", "--timeout", "1ms")
    assert (ended, err) == (2, "still in progress after 0.001 s\n")


@pytest.mark.parametrize(
    ("verb", "status"),
    [("promote", progressing()), ("abort", progressing()), ("retry", rolled_back())],
)
async def test_a_command_is_an_annotation_for_the_revision_seen(
    admin: Admin, namespace: str, serinus: Serinus, verb: str, status: dict[str, Any]
) -> None:
    await stand(admin, namespace, status)
    ended, out, err = serinus(verb, "fraud")
    assert (ended, err) == (0, "")
    assert out.startswith(f"{verb} of version 8 ({CANARY}) asked for")
    stored = await admin.get(KIND, namespace, "fraud")
    commands = read_commands(stored["metadata"]["annotations"])
    assert [(name, command.revision) for name, command in commands.items()] == [(verb, CANARY)]
    assert stored["metadata"]["generation"] == 1
    assert serinus("status", "fraud")[0] == 2


async def test_an_approval_is_for_one_step(admin: Admin, namespace: str, serinus: Serinus) -> None:
    await stand(admin, namespace, progressing(step=2) | {"phase": "Paused"})
    assert serinus("approve", "fraud")[0] == 0
    stored = await admin.get(KIND, namespace, "fraud")
    assert stored["metadata"]["annotations"] == {"serinus.dev/approve": f"{CANARY}/2"}


async def test_a_write_for_an_older_look_is_refused_by_the_api_server(
    admin: Admin, namespace: str, control_plane: ControlPlane
) -> None:
    await stand(admin, namespace, progressing())
    cluster = access.connect(control_plane.kubeconfig(), None, namespace)
    seen = cluster.read("fraud")["metadata"]["resourceVersion"]
    await admin.set_status(KIND, namespace, "fraud", {"message": "a later look"})
    with pytest.raises(access.ResourceChanged):
        cluster.annotate("fraud", "serinus.dev/promote", CANARY, seen)
    stored = await admin.get(KIND, namespace, "fraud")
    assert "annotations" not in stored["metadata"]


async def test_nothing_to_act_on_is_said_and_changes_nothing(
    admin: Admin, namespace: str, serinus: Serinus
) -> None:
    await stand(admin, namespace, healthy())
    before = await admin.get(KIND, namespace, "fraud")
    ended, out, err = serinus("abort", "fraud")
    assert (ended, out) == (1, "")
    assert "there is no rollout to abort: fraud is Healthy" in err
    assert await admin.get(KIND, namespace, "fraud") == before


@pytest.mark.parametrize("verb", ["status", "promote"])
async def test_a_resource_that_is_not_there_is_told_where_to_look(
    namespace: str, serinus: Serinus, verb: str
) -> None:
    ended, out, err = serinus(verb, "absent")
    assert (ended, out) == (3, "")
    assert f"there is no {KIND} 'absent' in namespace '{namespace}'" in err
    assert "kubectl get mlmd -A" in err


async def test_templates_are_read_where_the_model_would_have_them(
    admin: Admin, namespace: str, control_plane: ControlPlane
) -> None:
    cluster_wide = f"everywhere-{namespace}"
    await admin.create(objective_template(namespace, "2%"))
    await admin.create(objective_template("", "3%", cluster_wide))
    cluster = access.connect(control_plane.kubeconfig(), None, namespace)
    limits = [
        found and found["objectives"][0]["limit"]
        for found in (
            cluster.template(TemplateKind.NAMESPACED, "serving"),
            cluster.template(TemplateKind.CLUSTER, cluster_wide),
            cluster.template(TemplateKind.NAMESPACED, cluster_wide),
            cluster.template(TemplateKind.CLUSTER, f"no-{cluster_wide}"),
        )
    ]
    await admin.delete("ClusterObjectiveTemplate", "", cluster_wide)
    assert limits == ["2%", "3%", None, None]
    nobody = access.connect(control_plane.kubeconfig("user-0"), None, namespace)
    with pytest.raises(Ended, match=r"ask for 'get' on clusterobjectivetemplates\.serinus\.dev"):
        nobody.template(TemplateKind.CLUSTER, "serving")


async def test_a_missing_right_is_named(namespace: str, serinus: Serinus) -> None:
    ended, _, err = serinus("status", "fraud", user="user-0")
    assert ended == 3
    assert f"you may not read {KIND} 'fraud' in namespace '{namespace}'" in err
    assert "ask for 'get' on mlmodeldeployments.serinus.dev there" in err


async def test_a_cluster_without_the_definition_is_told_what_to_install(
    serinus: Serinus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "PLURAL", "gone")
    ended, _, err = serinus("status", "fraud")
    assert ended == 3
    assert "has no resource gone.serinus.dev: install serinus there" in err


async def test_a_token_nobody_knows_is_told_to_log_in(
    namespace: str, serinus: Serinus, control_plane: ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(control_plane.tokens, "stranger", "made-up")
    ended, _, err = serinus("status", "fraud", user="stranger")
    assert ended == 3
    assert "does not know you: log in again" in err


async def test_kubectl_finds_it_as_a_plug_in(
    admin: Admin, namespace: str, control_plane: ControlPlane, tmp_path: Path
) -> None:
    await stand(admin, namespace, rolled_back())
    plug_in = tmp_path / "kubectl-serinus"
    entry_point = "import sys; from serinus.cli.__main__ import main; sys.exit(main())"
    plug_in.write_text(f"#!{sys.executable}\n{entry_point}\n")
    plug_in.chmod(0o755)
    ended = kubectl(control_plane, tmp_path, "serinus", "status", "fraud", "-n", namespace)
    assert (ended.returncode, ended.stderr) == (1, "")
    assert ended.stdout.startswith(f"fraud in {namespace}: RolledBack\n")


def kubectl(
    control_plane: ControlPlane, home: Path, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run the real kubectl, with its home on the path."""
    return subprocess.run(
        [control_plane.assets / "kubectl", *arguments],
        env={
            "HOME": str(home),
            "KUBECONFIG": str(control_plane.kubeconfig()),
            "PATH": f"{home}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "operator"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
