"""A model's files are mounted before its server starts, and their digest is told by a shell."""

import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from serinus.adapters.kubernetes_pods import LONGEST_LAST_WORDS
from serinus.render.model_files import with_files
from serinus.render.programs import program
from serinus.resource.spec import Model
from serinus.resource.storage import StorageImages

IMAGES = StorageImages(initializer="initializer:1")
POD: dict[str, Any] = {"containers": [{"name": "model"}, {"name": "transformer"}]}
MOUNT = {"name": "serinus-model", "mountPath": "/mnt/models", "readOnly": True}
SHA = "sha256:" + "0" * 64


def made(uri: str, pod: dict[str, Any] | None = None, digest: str | None = None) -> dict[str, Any]:
    return with_files(pod or POD, Model(version="7", uri=uri, digest=digest), IMAGES)


def before(pod: dict[str, Any]) -> list[str]:
    return [each["name"] for each in pod.get("initContainers", [])]


def test_without_a_uri_nothing_is_added() -> None:
    assert with_files(POD, Model(version="7"), IMAGES) == POD


def test_every_container_has_the_files_and_may_not_change_them() -> None:
    pod = made("s3://models/fraud/7")
    assert [each["volumeMounts"] for each in pod["containers"]] == [[MOUNT], [MOUNT]]
    assert pod["volumes"] == [{"name": "serinus-model", "emptyDir": {}}]
    assert "volumes" not in POD


@pytest.mark.parametrize(
    ("uri", "fetched"),
    [
        ("s3://models/fraud/7", "s3://models/fraud/7"),
        ("hf://org/model:main", "hf://org/model:main"),
        ("azure://account/box/fraud/7", "https://account.blob.core.windows.net/box/fraud/7"),
        ("https://example.com/fraud.zip", "https://example.com/fraud.zip"),
    ],
)
def test_an_initializer_fetches_what_is_no_volume(uri: str, fetched: str) -> None:
    pod = made(uri)
    initializer, content = pod["initContainers"]
    assert (initializer["image"], initializer["args"]) == (
        "initializer:1",
        [fetched, "/mnt/models"],
    )
    assert initializer["volumeMounts"] == [{"name": "serinus-model", "mountPath": "/mnt/models"}]
    assert (content["name"], content["image"]) == ("model-content", "initializer:1")
    assert content["volumeMounts"] == [MOUNT]


def test_an_image_and_a_claim_are_volumes_themselves() -> None:
    image = made("oci://registry.example.com/fraud:7")
    assert image["volumes"][0]["image"] == {"reference": "registry.example.com/fraud:7"}
    claim = made("pvc://models/fraud/7")
    assert claim["volumes"][0]["persistentVolumeClaim"] == {
        "claimName": "models",
        "readOnly": True,
    }
    assert claim["containers"][0]["volumeMounts"] == [MOUNT | {"subPath": "fraud/7"}]
    assert before(image) == before(claim) == ["model-content"]


def test_nothing_is_read_that_the_name_says_or_nobody_wants_to_know() -> None:
    assert before(made(f"oci://r/m@{SHA}")) == []
    assert before(made("hf://a/b:" + "0" * 40)) == ["model-initializer"]
    assert before(made("s3://models/1", digest="unchecked")) == ["model-initializer"]


def test_what_is_written_for_the_initializer_wins_and_keeps_its_place() -> None:
    login = {"envFrom": [{"secretRef": {"name": "s3"}}], "image": "mine:1"}
    cache = {"name": "cache", "mountPath": "/cache"}
    written = [
        {"name": "first"},
        {"name": "model-initializer", **login, "volumeMounts": [cache]},
        {"name": "last"},
    ]
    pod = made("s3://models/fraud/7", POD | {"initContainers": written})
    assert before(pod) == ["first", "model-initializer", "model-content", "last"]
    initializer = pod["initContainers"][1]
    assert login.items() <= initializer.items()
    assert initializer["args"][0] == "s3://models/fraud/7"
    assert initializer["volumeMounts"] == [
        cache,
        {"name": "serinus-model", "mountPath": "/mnt/models"},
    ]


def test_limits_that_a_quota_asks_for_can_be_written() -> None:
    limits = {"limits": {"memory": "1Gi"}}
    written = [{"name": "model-content", "resources": limits}]
    pod = made("s3://models/1", POD | {"initContainers": written})
    assert before(pod) == ["model-initializer", "model-content"]
    assert pod["initContainers"][1]["resources"] == limits
    assert pod["initContainers"][1]["command"][0] == "sh"


def test_a_volume_and_a_mount_of_the_users_own_win() -> None:
    disk = {"name": "serinus-model", "ephemeral": {"volumeClaimTemplate": {}}}
    mine = {"name": "mine", "mountPath": "/mnt/models/"}
    pod = made(
        "s3://models/1", {"volumes": [disk], "containers": [{"name": "a", "volumeMounts": [mine]}]}
    )
    assert pod["volumes"] == [disk]
    assert pod["containers"][0]["volumeMounts"] == [mine]


# The script, by the shell that is here.


def told(folder: Path, wanted: str = "") -> tuple[int, str]:
    words = folder.parent / "words"
    words.write_text("")
    command = ["sh", "-c", program("content.sh"), str(folder), wanted, str(words)]
    run = subprocess.run(command, capture_output=True, check=False)
    assert run.stderr == b""
    return run.returncode, words.read_text()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    (folder / "deep er").mkdir(parents=True)
    (folder / "b.bin").write_bytes(b"weights")
    (folder / "deep er" / "a.json").write_text("{}")
    return folder


def test_the_digest_is_that_of_a_list_anybody_can_make(model: Path) -> None:
    lines = (("weights", "./b.bin"), ("{}", "./deep er/a.json"))
    listed = "".join(f"{sha256(text.encode()).hexdigest()}  {name}\n" for text, name in lines)
    assert told(model) == (0, f"sha256:{sha256(listed.encode()).hexdigest()}")


def test_equal_files_are_equal_content_wherever_and_whenever(model: Path, tmp_path: Path) -> None:
    twin = tmp_path / "elsewhere" / "twin"
    shutil.copytree(model, twin)
    (twin / ".cache" / "huggingface").mkdir(parents=True)
    (twin / ".cache" / "huggingface" / "a.metadata").write_text("a time")
    (twin / "linked.bin").symlink_to("b.bin")
    (model / "linked.bin").write_bytes(b"weights")
    assert told(model) == told(twin)


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "b.bin").write_bytes(b"other weights"),
        lambda folder: (folder / "b.bin").rename(folder / "c.bin"),
        lambda folder: (folder / "more").write_text(""),
        lambda folder: (folder / "b.bin").unlink(),
    ],
    ids=["a byte", "a name", "one more", "one less"],
)
def test_every_change_changes_it(model: Path, change: Any) -> None:
    _, before = told(model)
    change(model)
    assert told(model)[1] != before


def test_what_is_not_what_was_pinned_does_not_start_and_says_so(model: Path) -> None:
    _, digest = told(model)
    assert told(model, digest) == (0, digest)
    code, words = told(model, SHA)
    assert code == 1
    assert words == f"/mnt/models holds {digest}, not {SHA} (model.digest)"
    assert len(words) <= LONGEST_LAST_WORDS, "or what is told of it would end in the middle"


def test_an_empty_folder_has_a_content_too(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    assert told(tmp_path / "model") == (0, f"sha256:{sha256(b'').hexdigest()}")


def test_of_files_that_cannot_be_read_nothing_is_said_and_what_is_pinned_does_not_start(
    model: Path,
) -> None:
    """Half of them would look like others. The kernel reads this one to nobody."""
    (model / "torn.bin").symlink_to("/proc/self/mem")
    words = model.parent / "words"
    said = []
    for wanted in ("", SHA):
        command = ["sh", "-c", program("content.sh"), str(model), wanted, str(words)]
        code = subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode
        said.append((code, words.read_text()))
    assert said == [
        (0, "not every file in /mnt/models can be read"),
        (1, "not every file in /mnt/models can be read"),
    ]
