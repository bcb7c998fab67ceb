"""Flows between kinds of institutions: who sends to whom, in a matrix whose totals add up.

What is counted: referrals that were sent and not entered in error, on the day they were sent (Europe/Warsaw).
"""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct, structs


class Tally(Struct, frozen=True):
    """`count` referrals for one form, sent in the month beginning `month`, from one kind to another.

    `own`: how many of them the reader's own institution sent or received.
    """

    sender: str
    receiver: str
    form: str
    month: date
    count: int
    own: int = 0


def without_own(tallies: Iterable[Tally]) -> list[Tally]:
    """What is left when a reader takes away what it knows from its own work."""
    return [structs.replace(tally, count=tally.count - tally.own, own=0) for tally in tallies]


class Period(Struct, frozen=True):
    """Whole months, from the first day of `start` until before `end`; None leaves a side open."""

    start: date | None = None
    end: date | None = None

    def holds(self, month: date) -> bool:
        """Whether a month (its first day) lies inside."""
        return (self.start is None or self.start <= month) and (self.end is None or month < self.end)


ALL_TIME = Period()


class Matrix(Struct, frozen=True):
    """Counts by (sender kind, receiver kind), kinds by falling totals; pairs without referrals are absent."""

    senders: tuple[str, ...]
    receivers: tuple[str, ...]
    cells: dict[tuple[str, str], int]

    def cell(self, sender: str, receiver: str) -> int:
        """The count of one pair."""
        return self.cells.get((sender, receiver), 0)

    def sent_by(self, sender: str) -> int:
        """Row total."""
        return sum(self.cell(sender, receiver) for receiver in self.receivers)

    def received_by(self, receiver: str) -> int:
        """Column total."""
        return sum(self.cell(sender, receiver) for sender in self.senders)

    @property
    def total(self) -> int:
        """All referrals counted."""
        return sum(self.cells.values())


def matrix(tallies: Iterable[Tally], period: Period = ALL_TIME, form: str | None = None) -> Matrix:
    """Add up the tallies of a period and, if given (neither None nor ''), of one form."""
    cells: dict[tuple[str, str], int] = {}
    for tally in tallies:
        if tally.count and period.holds(tally.month) and form in {None, "", tally.form}:
            pair = (tally.sender, tally.receiver)
            cells[pair] = cells.get(pair, 0) + tally.count
    return matrix_of(cells)


def matrix_of(cells: dict[tuple[str, str], int]) -> Matrix:
    """The matrix of these cells, rows and columns by falling totals."""
    sent: dict[str, int] = {}
    received: dict[str, int] = {}
    for (sender, receiver), count in cells.items():
        sent[sender] = sent.get(sender, 0) + count
        received[receiver] = received.get(receiver, 0) + count
    return Matrix(_by_size(sent), _by_size(received), cells)


def _by_size(totals: dict[str, int]) -> tuple[str, ...]:
    return tuple(sorted(totals, key=lambda kind: (-totals[kind], kind)))


def period_of(code: str) -> Period | None:
    """The period of a code: "" all time, "2026" a year, "2026-1" to "2026-4" a quarter; None for others."""
    if code == "":
        return ALL_TIME
    year, _, quarter = code.partition("-")
    if not (year.isascii() and year.isdigit() and len(year) == 4 and 1990 <= int(year) <= 2200):
        return None
    first = int(year)
    if not quarter:
        return None if "-" in code else Period(date(first, 1, 1), date(first + 1, 1, 1))
    if quarter not in {"1", "2", "3", "4"}:
        return None
    month = 3 * int(quarter) - 2
    end = date(first + 1, 1, 1) if month == 10 else date(first, month + 3, 1)
    return Period(date(first, month, 1), end)


def year_around(code: str) -> str | None:
    """The year code around a quarter code, else None."""
    return code[:4] if len(code) == 6 else None


def period_codes(months: Iterable[date]) -> list[str]:
    """Codes for the months that hold referrals: years, each followed by its quarters, newest first."""
    quarters = {(month.year, (month.month + 2) // 3) for month in months}
    codes: list[str] = []
    for year in sorted({year for year, _ in quarters}, reverse=True):
        codes.append(str(year))
        codes.extend(f"{year}-{quarter}" for quarter in (4, 3, 2, 1) if (year, quarter) in quarters)
    return codes


def wider_views(period: str, form: str) -> list[tuple[Period, str]]:
    """The views (period, form) around one, which the same reader may hold: all forms, the year around, all time."""
    year = period_of(year_around(period) or "")
    views = [(period_of(period) or ALL_TIME, "")] if form else []
    if year_around(period) and year is not None:
        views.append((year, form))
    if period:
        views.append((ALL_TIME, form))
    return views
