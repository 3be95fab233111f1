"""The account of a run misses nothing while the API server is away."""

from serinus.adapters.kubernetes_kinds import CONFIG_MAP
from tests.integration.admin import Admin
from tests.integration.faults.recorder import Recorder
from tests.integration.manifests import config_map


async def test_what_was_written_twice_while_nothing_was_heard_is_in_the_account_twice(
    admin: Admin, namespace: str
) -> None:
    recorder = Recorder(admin.api, namespace)
    await admin.create(config_map(namespace, "fraud", data={"at": "0"}))
    await recorder._list(CONFIG_MAP)
    for count in "123":
        await admin.edit("ConfigMap", namespace, "fraud", {"data": {"at": count}})
    await recorder._list(CONFIG_MAP)
    told = [change.body["data"]["at"] for change in recorder.changes if change.body]
    assert told == ["0", "1", "2", "3"]
    versions = [change.version for change in recorder.changes]
    assert versions == sorted(versions)
