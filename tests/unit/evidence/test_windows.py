from datetime import UTC, datetime, timedelta

from serinus.evidence.ledger import Block
from serinus.evidence.windows import windows
from serinus.signals.tally import Tally

START = datetime(2030, 1, 1, tzinfo=UTC)


def blocks(*totals: int, seconds: float = 5) -> list[Block]:
    length = timedelta(seconds=seconds)
    return [
        Block(
            since=START + length * number,
            until=START + length * (number + 1),
            canary=Tally(total=total),
            stable=Tally(total=total),
        )
        for number, total in enumerate(totals)
    ]


def totals(found: tuple[Block, ...]) -> list[float]:
    return [window.canary.total for window in found]


def test_a_window_holds_at_least_so_many_samples() -> None:
    assert totals(windows(blocks(10, 20, 30, 5), 30)) == [30, 35]


def test_a_window_lasts_at_least_an_interval() -> None:
    assert totals(windows(blocks(1, 2, 3, 4), 1, shortest_seconds=10)) == [3, 7]


def test_the_last_window_ends_with_what_was_seen_last() -> None:
    """And what does not make a window is left over of what was seen first."""
    assert totals(windows(blocks(1, 2, 3), 1, shortest_seconds=10)) == [5]
    assert totals(windows(blocks(1, 2, 3), 1, shortest_seconds=20)) == []
