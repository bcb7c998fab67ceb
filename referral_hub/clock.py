"""The one clock: rules take a moment as an argument, everything else asks here, and tests and the demo move it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

WARSAW = ZoneInfo("Europe/Warsaw")

_written: ContextVar[datetime | None] = ContextVar("clock_written", default=None)
_held: ContextVar[datetime | None] = ContextVar("clock_held", default=None)


def now() -> datetime:
    """The current moment, aware, UTC."""
    return _held.get() or datetime.now(UTC)


def written_at() -> datetime:
    """The moment at which something is written down, also where it is told of an earlier day (`as_on`)."""
    return _written.get() or now()


def is_of_the_past() -> bool:
    """Whether what is being written down happened earlier."""
    return _written.get() is not None


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


@contextmanager
def as_on(moment: datetime) -> Iterator[None]:
    """Write down what happened at an earlier aware `moment`: it counts as then; the trail says when it was written."""
    token = _written.set(written_at())
    try:
        with at(moment):
            yield
    finally:
        _written.reset(token)
