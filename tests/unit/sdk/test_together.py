"""A server of several workers: a truth counts once and rightly, whichever of them hears of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from serinus_sdk.outcomes import Said
from serinus_sdk.together import BUCKET_BYTES, RememberedTogether, Table
from tests.unit.sdk.shown import Shown

SEEN = """
import os, signal, sys
from prometheus_client import CollectorRegistry
from serinus_sdk import Monitor

def seen(**options):
    return Monitor(registry=CollectorRegistry(), **options)

def told(monitor):
    print(monitor.exposition().decode())

def forked(work):
    child = os.fork()
    if not child:
        work()
        os._exit(0)
    return child

def ended(children):
    assert not any(os.waitpid(child, 0)[1] for child in children)
"""


def ran(folder: Path, program: str) -> Shown:
    """What a worker shows at its end."""
    path = os.pathsep.join(sys.path)
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder), "PYTHONPATH": path}
    run = subprocess.run(
        [sys.executable, "-c", SEEN + program], env=environment, capture_output=True, check=True
    )
    return Shown.of(run.stdout)


def outcomes(told: Shown, **labels: str) -> float:
    return told.sum("model_outcomes_total", **labels)


def test_a_truth_that_another_worker_hears_counts_as_if_the_one_that_predicted_had(
    tmp_path: Path,
) -> None:
    ran(
        tmp_path,
        """
monitor = seen(version="7", segments={"country": ["IT", "NO"]})
for number, prediction in enumerate([True, 3, 3.0, "yes", "two\\nlines", 0.1 + 0.2]):
    monitor.record([1.0], prediction, id=number, segments={"country": "IT"})
monitor.record([1.0], None, id="null", segments={"country": "FR"})
told(monitor)
""",
    )
    told = ran(
        tmp_path,
        """
monitor = seen(version="8", segments={"country": ["IT", "NO"]})
for number, truth in enumerate([True, 3, 3, "yes", "two\\nlines", 0.1 + 0.2]):
    assert monitor.record_outcome(str(number), truth)
assert monitor.record_outcome("null", "yes")
assert not monitor.record_outcome("never", "yes")
told(monitor)
""",
    )
    assert outcomes(told, model_version="7", correct="true", country="IT") == 6
    assert outcomes(told, model_version="7", correct="false", country="(other)") == 1
    assert outcomes(told) == 7
    assert told.value("model_outcomes_unmatched_total") == 1


def test_truths_that_all_workers_hear_at_once_count_once(tmp_path: Path) -> None:
    told = ran(
        tmp_path,
        """
monitor = seen(version="7")

def predict(worker):
    for number in range(250):
        monitor.record([1.0], f"{worker}-{number}", id=f"{worker}-{number}")

def hear():
    for number in range(250):
        for worker in range(4):
            monitor.record_outcome(f"{worker}-{number}", f"{worker}-{number}")

ended([forked(lambda: predict(worker)) for worker in range(4)])
ended([forked(hear) for _ in range(4)])
told(monitor)
""",
    )
    assert outcomes(told, correct="true") == 1000
    assert outcomes(told) == 1000
    assert told.value("model_outcomes_unmatched_total") == 3000


def test_workers_killed_while_they_write_leave_no_wrong_prediction_and_no_lock(
    tmp_path: Path,
) -> None:
    told = ran(
        tmp_path,
        """
monitor = seen(version="7", remembered=50)
reads, writes = os.pipe()

def predict():
    for number in range(10**9):
        monitor.record([1.0], str(number % 500) * 20, id=number % 500)
        if number == 500:
            os.write(writes, b".")

for _ in range(20):
    worker = forked(predict)
    os.read(reads, 1)
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
for number in range(500):
    monitor.record_outcome(number, str(number) * 20)
monitor.record([1.0], "yes", id="after")
assert monitor.record_outcome("after", "yes")
told(monitor)
""",
    )
    assert outcomes(told, correct="true") > 1
    assert outcomes(told, correct="false") == 0


def test_a_forked_worker_waits_for_no_thread_of_its_parent(tmp_path: Path) -> None:
    told = ran(
        tmp_path,
        """
monitor = seen(version="7")
monitor.record([1.0], "yes", id=1)
monitor._remembered._table._lock.acquire()

def hear():
    signal.alarm(60)
    monitor.record_outcome(1, "yes")

ended([forked(hear)])
told(monitor)
""",
    )
    assert outcomes(told, correct="true") == 1


def test_an_entry_that_is_not_as_it_was_written_is_not_there(tmp_path: Path) -> None:
    table, key, text = Table(tmp_path / "table", 1), bytes(range(1, 17)), b"what was said"
    table.put(key, text)
    whole = bytes(table._bytes)
    for place in range(BUCKET_BYTES):
        table._bytes[:] = whole
        table._bytes[place] ^= 0x10
        assert table.take(key) in {None, text}, place
    table._bytes[:] = whole
    assert table.take(key) == text


def test_an_entry_half_overwritten_is_neither_of_the_two(tmp_path: Path) -> None:
    table, said = Table(tmp_path / "table", 1), {b"a" * 16: b"A" * 90, b"b" * 16: b"B" * 200}
    written = []
    for key, text in said.items():
        table._bytes[:] = bytes(BUCKET_BYTES)
        table.put(key, text)
        written.append(bytes(table._bytes))
    for cut in range(BUCKET_BYTES):
        for first, second in (written, reversed(written)):
            for key, text in said.items():
                table._bytes[:] = first[:cut] + second[cut:]
                assert table.take(key) in {None, text}, cut


def test_only_so_many_predictions_wait_in_a_file_that_does_not_grow(tmp_path: Path) -> None:
    remembered = RememberedTogether(str(tmp_path), 100, ())
    for number in range(1000):
        remembered.add(str(number), Said(number, "7", ()))
    (file,) = tmp_path.iterdir()
    assert file.stat().st_size == 20 * BUCKET_BYTES
    assert file.stat().st_mode & 0o077 == 0
    assert all(remembered.pop(str(number)) == (number, "7", ()) for number in range(900, 1000))
    assert sum(remembered.pop(str(number)) is not None for number in range(900)) <= 200


def test_of_two_predictions_with_one_id_the_newer_waits(tmp_path: Path) -> None:
    one, other = (RememberedTogether(str(tmp_path), 100, ()) for _ in range(2))
    one.add("1", Said("yes", "7", ()))
    other.add("1", Said("no", "8", ()))
    assert one.pop("1") == ("no", "8", ())
    assert other.pop("1") is None


@pytest.mark.parametrize(
    "prediction",
    [[0.1, 0.9], "long" * 100, "\ud800", 10**5000],
    ids=["no scalar", "long", "half a character", "digits"],
)
def test_what_fits_no_entry_its_own_worker_remembers(tmp_path: Path, prediction: object) -> None:
    one, other = (RememberedTogether(str(tmp_path), 100, ()) for _ in range(2))
    one.add("1", Said(prediction, "7", ()))
    assert other.pop("1") is None
    assert one.pop("1") == (prediction, "7", ())


def test_workers_that_tell_outcomes_apart_by_other_labels_share_nothing(tmp_path: Path) -> None:
    one = RememberedTogether(str(tmp_path), 100, ())
    one.add("1", Said("yes", "7", ()))
    assert RememberedTogether(str(tmp_path), 100, ("country",)).pop("1") is None
    assert RememberedTogether(str(tmp_path), 100, ()).pop("1") == ("yes", "7", ())


def test_where_there_is_no_room_each_worker_remembers_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    remembered = RememberedTogether(str(tmp_path / "missing"), 100, ())
    remembered.add("1", Said("yes", "7", ()))
    assert remembered.pop("1") == ("yes", "7", ())
    assert "each worker remembers its own predictions alone" in caplog.text
