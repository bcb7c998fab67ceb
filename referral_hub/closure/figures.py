"""How well loops are closed, in figures of flows, needs and offers: never of a person, and nothing from under five.

Every measure is a share of *yes* among *yes and no*; the first answer also has a median in Polish business days. Pure.

* closed: of referrals that have ended, those whose loop is closed (`referrals/closing.py`);
* helped: of people's answers, those who got help, also if only a little;
* accepted: of referrals accepted or declined, those accepted (who was accepted first and declined later is accepted);
* no_show: of the days on which somebody was expected, those on which nobody came; excused days are left out;
* again: of referrals that have ended, those after which another one had to be sent in their place.

People who went alone with a card were asked of nobody: they count in *closed*, *helped* and *again* only.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from statistics import median
from typing import Final

from msgspec import Struct

from referral_hub.cooperation.network import Matrix, Period, matrix_of
from referral_hub.cooperation.secrecy import SMALL, TOTAL, published
from referral_hub.directory.business_days import business_days_between
from referral_hub.referrals.closing import loop_closed
from referral_hub.referrals.states import FINAL, State

MEASURES: Final = ("closed", "helped", "answer", "accepted", "no_show", "again")
TOGETHER: Final = (("closed", "again"), ("helped",), ("answer",), ("accepted",), ("no_show",))
"""Measures with one number of cases: where one hides it, the others do not show it either."""
GOT_HELP: Final = ("yes", "partly")
YES, NO = "yes", "no"


class Group(Struct, frozen=True, kw_only=True):
    """`count` referrals alike in all that the measures ask. `key`: what is looked at (a flow, a need, an offer).

    `receives`: the kind of the receiver, where the keys are offers. `month`: the first day of the month of sending;
    `decided`: accepted, declined or ''; `came`, `absent`: days in all; `own`: the reader's institution sent or received
    them.
    """

    key: str
    form: str
    month: date
    state: State
    began: bool
    seen: bool
    alone: bool
    decided: str
    got_help: str
    again: bool
    sent_on: date
    answered_on: date | None
    came: int
    absent: int
    count: int
    receives: str = ""
    own: bool = False


class Share(Struct, frozen=True):
    """A share, or a median of business days, of `n` cases; all None where it is hidden, n 0 where there is none."""

    n: int | None
    share: float | None = None
    days: float | None = None


class Line(Struct, frozen=True):
    """The measures of one key; TOTAL ('') for all together."""

    key: str
    shares: dict[str, Share]

    @property
    def tells(self) -> bool:
        """Whether a figure of it may be shown; the line of all together is always there."""
        return self.key == TOTAL or any(share.n for share in self.shares.values())


Counts = dict[tuple[str, str], int]


def counted(groups: Iterable[Group], period: Period, form: str) -> dict[str, Counts]:
    """For each measure the cases by key and by yes and no."""
    found: dict[str, Counts] = {measure: {} for measure in MEASURES}
    for one in groups:
        if not period.holds(one.month) or form not in ("", one.form):
            continue
        for measure, answer, count in _says(one):
            counts = found[measure]
            counts[one.key, answer] = counts.get((one.key, answer), 0) + count
    return found


def _says(one: Group) -> list[tuple[str, str, int]]:
    """What a group adds: (measure, yes or no, cases)."""

    def split(measure: str, yes: bool) -> tuple[str, str, int]:
        return measure, YES if yes else NO, one.count

    told = []
    if one.state in FINAL and one.state is not State.VOID:
        told.append(split("closed", loop_closed(one.state, began=one.began, seen=one.seen)))
        told.append(split("again", one.again))
    if one.got_help:
        told.append(split("helped", one.got_help in GOT_HELP))
    if not one.alone:
        if one.answered_on is not None:
            told.append(split("answer", True))
        if one.decided:
            told.append(split("accepted", one.decided == "accepted"))
    told += [("no_show", YES, one.absent), ("no_show", NO, one.came)]
    return [(measure, answer, count) for measure, answer, count in told if count]


def lines(
    groups: Sequence[Group], period: Period, form: str, wider: Sequence[tuple[Period, str]], *, outside: bool = False
) -> list[Line]:
    """The measures of every key and of all together, as they may leave the club.

    `wider`: the views (period, form) that contain this one and that the same reader may hold; `outside`: the reader is
    another institution's, and knows its own share.
    """
    views = [(period, form), *wider]
    here, *around = [counted(groups, *view) for view in views]
    others = [counted((one for one in groups if not one.own), *view) for view in views] if outside else []
    told: dict[tuple[str, str], Share] = {}
    for together in TOGETHER:
        tables = {
            measure: published(
                matrix_of(here[measure]), [matrix_of(one[measure]) for one in around], others=_left(others, measure)
            )
            for measure in together
        }
        for key in {key for table in tables.values() for key in (*table.senders, TOTAL)}:
            cells = [table.cell(key, answer) for table in tables.values() for answer in (YES, NO, TOTAL)]
            for measure, table in tables.items():
                yes, n = table.cell(key, YES), table.cell(key, TOTAL)
                told[key, measure] = Share(None) if None in cells or yes is None or n is None else _share(yes, n)
    _hide_beside_flows(told, here, {one.key: one.receives for one in groups})
    return _ordered(told, _medians(groups, period, form))


def _left(others: Sequence[dict[str, Counts]], measure: str) -> tuple[Matrix, list[Matrix]] | None:
    """The tables of one measure without the reader's own share: of this view, and of those around it."""
    tables = [matrix_of(one[measure]) for one in others]
    return (tables[0], tables[1:]) if tables else None


def _hide_beside_flows(
    told: dict[tuple[str, str], Share], here: Mapping[str, Counts], receives: Mapping[str, str]
) -> None:
    """Offers are seen beside flows to their kind of institution: what hides must not be what is left of a flow.

    So the hidden offers of a kind have none or at least five cases together, of each answer and in all.
    """
    members: dict[str, list[str]] = {}
    for key, kind in receives.items():
        members.setdefault(kind, []).append(key)
    for kind in members.keys() - {""}:
        for together in TOGETHER:
            _hide_rest(members[kind], together, told, here)


def _hide_rest(
    keys: Sequence[str], together: Sequence[str], told: dict[tuple[str, str], Share], here: Mapping[str, Counts]
) -> None:
    """Hide the smallest until the hidden ones have, all together, no longer from one to four cases."""
    hidden = dict.fromkeys(((measure, answer) for measure in together for answer in (YES, NO)), 0)

    def add(key: str, measure: str) -> None:
        for answer in (YES, NO):
            hidden[measure, answer] += here[measure].get((key, answer), 0)

    for key in keys:
        for measure in together:
            if told.get((key, measure), Share(0)).n is None:
                add(key, measure)
    shown = sorted((n, key) for key in keys if (n := told.get((key, together[0]), Share(0)).n))
    for _, key in shown:
        if not any(_is_small(hidden[measure, YES], hidden[measure, NO]) for measure in together):
            return
        for measure in together:
            if told.get((key, measure), Share(0)).n is not None:
                add(key, measure)
            told[key, measure] = Share(None)


def _is_small(yes: int, no: int) -> bool:
    return any(0 < one < SMALL for one in (yes, no, yes + no))


def in_full(groups: Sequence[Group], period: Period, form: str) -> list[Line]:
    """The same with every count, for eyes inside the club."""
    here = counted(groups, period, form)
    told: dict[tuple[str, str], Share] = {}
    for measure, counts in here.items():
        table = matrix_of(counts)
        told |= {(key, measure): _share(table.cell(key, YES), table.sent_by(key)) for key in table.senders}
        told[TOTAL, measure] = _share(table.received_by(YES), table.total)
    return _ordered(told, _medians(groups, period, form))


def _share(yes: int, n: int) -> Share:
    return Share(n, share=yes / n) if n else Share(0)


def _ordered(told: Mapping[tuple[str, str], Share], medians: Mapping[str, float]) -> list[Line]:
    """Keys with the largest shown numbers first, all together last; the first answers get their median.

    The order of hidden numbers would say which is larger.
    """
    largest: dict[str, int] = {}
    for (key, _), share in told.items():
        largest[key] = max(largest.get(key, 0), share.n or 0)
    keys = sorted((key for key in largest if key != TOTAL), key=lambda key: (-largest[key], key))
    found = []
    for key in [*keys, *([TOTAL] if keys else [])]:
        shares = {measure: told.get((key, measure), Share(0)) for measure in MEASURES}
        if shares["answer"].n:
            shares["answer"] = Share(shares["answer"].n, days=medians[key])
        found.append(Line(key, shares))
    return found


def _medians(groups: Iterable[Group], period: Period, form: str) -> dict[str, float]:
    """The median of business days from sending to the first answer, by key and for all."""
    days: dict[str, list[int]] = {}
    for one in groups:
        if one.answered_on is None or one.alone or not period.holds(one.month) or form not in ("", one.form):
            continue
        waited = business_days_between(one.sent_on, one.answered_on)
        for key in (one.key, TOTAL):
            days.setdefault(key, []).extend([waited] * one.count)
    return {key: float(median(told)) for key, told in days.items()}
