"""One account at a time, for tests."""

from collections.abc import Sequence
from datetime import datetime

from serinus.evidence import staking
from serinus.evidence.account import Account, Told
from serinus.evidence.block import Block
from serinus.resource.objective import Objective


def staked(
    account: Account, objective: Objective, blocks: Sequence[Block], entered: datetime | None
) -> Account:
    """The account with blocks counted, oldest first."""
    return staking.staked({"it": account}, {"it": objective}, {"it": blocks}, entered, {})["it"]


def told(account: Account, objective: Objective) -> Told:
    """What the bets say."""
    return staking.told({"it": account}, {"it": objective}, {})["it"]
