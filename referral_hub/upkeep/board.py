"""The coordinator's board: how fresh the open offers are, by kind, gmina, institution, editor and rhythm. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from msgspec import Struct

from referral_hub.directory.freshness import LIMITS, Freshness

LABELS: Final = tuple(label.value for label in Freshness)
"""fresh, ask_first, not_suggested, closed, unknown."""
WAYS: Final = ("kind", "gmina", "institution", "editor", "rhythm")


class Group(Struct, frozen=True):
    """The open offers of one kind, gmina …: how many wear each label. `key` is '' where it is not known."""

    key: str
    name: str
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def share(self) -> float:
        """How many of them are fresh, from 0 to 1."""
        return self.counts.get(Freshness.FRESH, 0) / self.total if self.total else 0.0

    @property
    def stale(self) -> int:
        """Offers that need somebody's care."""
        return self.total - self.counts.get(Freshness.FRESH, 0)


class Week(Struct, frozen=True):
    """What was done since Monday. `asked` and `answered` are institutions; `tasks` open call tasks by why."""

    since: date
    asked: int
    answered: int
    messages: int
    texts: int
    failed: int
    calls: int
    reached: int
    tasks: Mapping[str, int]


def grouped(rows: Iterable[tuple[str, str, int]], names: Mapping[str, str]) -> list[Group]:
    """(key, label, count) → groups, those with most to do first, then by name."""
    counts: dict[str, dict[str, int]] = {}
    for key, label, number in rows:
        counts.setdefault(key, dict.fromkeys(LABELS, 0))[label] += number
    groups = [Group(key, names.get(key, key), told) for key, told in counts.items()]
    return sorted(groups, key=lambda group: (-group.stale, group.share, group.name))


def label_in_sql(age: str, rhythm: str) -> str:
    """`directory.freshness.freshness` as an SQL expression over an age in days (null: never told) and a rhythm."""
    rungs = {"fresh": Freshness.FRESH, "ask_first": Freshness.ASK_FIRST, "not_suggested": Freshness.NOT_SUGGESTED}
    cases = [f"when {age} is null then '{Freshness.UNKNOWN}'"]
    for field, label in rungs.items():
        limits = " ".join(f"when '{name}' then {getattr(limit, field)}" for name, limit in LIMITS.items())
        cases.append(f"when {age} <= case {rhythm} {limits} end then '{label}'")
    return f"case {' '.join(cases)} else '{Freshness.CLOSED}' end"
