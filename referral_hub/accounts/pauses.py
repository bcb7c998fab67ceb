"""How long an address waits after wrong passwords, and the same wait for addresses without an account.

A pause for known addresses only would tell a guesser who has an account. Those of strangers are kept in this
process; accounts keep theirs in the database.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from referral_hub.database.columns import digest

FREE_TRIES: Final = 5
LONGEST: Final = timedelta(minutes=15)
MOST_STRANGERS: Final = 10_000

_strangers: OrderedDict[bytes, tuple[int, datetime | None]] = OrderedDict()


def pause_after(tries: int) -> timedelta | None:
    """The pause after this many wrong tries in a row: none at first, then doubling from half a minute."""
    if tries < FREE_TRIES:
        return None
    return min(LONGEST, timedelta(seconds=30 * 2 ** min(tries - FREE_TRIES, 10)))


def stranger_locked_until(email: str) -> datetime | None:
    """Until when an address without an account waits."""
    return _strangers.get(digest(email), (0, None))[1]


def count_stranger(email: str, moment: datetime) -> None:
    """Note a wrong try for an address without an account; whoever tried least recently is forgotten."""
    tries = _strangers.pop(digest(email), (0, None))[0] + 1
    pause = pause_after(tries)
    _strangers[digest(email)] = (tries, moment + pause if pause else None)
    while len(_strangers) > MOST_STRANGERS:
        _strangers.popitem(last=False)
