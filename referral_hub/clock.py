"""The one clock: rules take a moment as an argument, everything else asks here, and tests and the demo move it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

WARSAW = ZoneInfo("Europe/Warsaw")

_held: ContextVar[datetime | None] = ContextVar("clock_held", default=None)


def now() -> datetime:
    """The current moment, aware, UTC."""
    return _held.get() or datetime.now(UTC)


def today() -> date:
    """The current day in Europe/Warsaw: days are counted where the people are."""
    return now().astimezone(WARSAW).date()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Hold the clock at an aware `moment` inside the block (tests, and the demo's made-up history)."""
    if moment.tzinfo is None:
        raise ValueError("the clock needs an aware moment")
    token = _held.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _held.reset(token)
