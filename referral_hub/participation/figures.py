"""What the yearly report counts: people by sex and group, hours and effects; small numbers hidden. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from msgspec import Struct

from referral_hub.attendance.sums import SMALLEST

Cells = dict[str, int | None]
"""Code → people, None where the number would tell of fewer than SMALLEST."""
SEXES: Final = ("K", "M", "not_stated")


class Part(Struct, frozen=True, kw_only=True):
    """One participation that touched the year; `group`: 1 to 8 of art. 1(2), `none`, `refused` or `not_asked`."""

    person: UUID
    sex: str
    group: str
    started_on: date
    ended_on: date | None
    end_reason: str = ""


class Reached(Struct, frozen=True, kw_only=True):
    """One effect of the year; `area` spoleczna or zawodowa."""

    person: UUID
    effect: str
    area: str
    employment: bool


class Hours(Struct, frozen=True):
    """Time one person spent at one meeting of the club."""

    person: UUID
    form: str
    meeting: UUID
    hours: float


class FormHours(Struct, frozen=True):
    """A form of support in the year; None where fewer than SMALLEST people would show."""

    form: str
    meetings: int
    people: int | None
    person_hours: float | None


class Figures(Struct, frozen=True, kw_only=True):
    """A year; every count is of people, each once, but `effects`, which counts what was reached."""

    year: int
    inside: bool
    people: int | None
    started: int | None
    ended: int | None
    by_sex: Cells
    by_group: Cells
    with_social: int | None
    with_occupational: int | None
    with_employment: int | None
    effects: Cells
    endings: Cells
    hours: tuple[FormHours, ...]
    person_hours: float | None


def figures(
    year: int, parts: Iterable[Part], reached: Iterable[Reached], hours: Iterable[Hours], *, inside: bool
) -> Figures:
    """The figures of a year. Whoever took part twice is one person, under the group and sex of the last time.

    `inside` the club small numbers are shown; outside a breakdown that hides one cell hides another too, so that the
    total does not tell it.
    """
    own = sorted(parts, key=lambda part: part.started_on)
    latest = {part.person: part for part in own}
    effects, spent = list(reached), list(hours)
    started = {part.person for part in own if part.started_on.year == year}
    over = {part.person: part for part in own if part.ended_on is not None and part.ended_on.year == year}
    by_form = _by_form(spent, inside)
    hidden = any(one.people is None for one in by_form)
    by_sex = _count(part.sex for part in latest.values())
    by_group = _count(part.group for part in latest.values())
    sexes, groups = _cells(by_sex, inside), _cells(by_group, inside)
    # Where all is hidden and still too little, it is the total that would tell.
    told = inside or (_tells_nothing(by_sex, sexes) and _tells_nothing(by_group, groups))
    return Figures(
        year=year,
        inside=inside,
        people=_shown(len(latest), inside) if told else None,
        started=_shown(len(started), inside) if told else None,
        ended=_shown(len(over), inside),
        by_sex=sexes,
        by_group=groups,
        with_social=_shown(len({one.person for one in effects if one.area == "spoleczna"}), inside),
        with_occupational=_shown(len({one.person for one in effects if one.area == "zawodowa"}), inside),
        with_employment=_shown(len({one.person for one in effects if one.employment}), inside),
        effects=_cells(_count(one.effect for one in effects), inside),
        endings=_cells(_count(part.end_reason for part in over.values()), inside),
        hours=tuple(by_form),
        person_hours=None if hidden else round(sum(one.hours for one in spent), 2),
    )


def _count(codes: Iterable[str]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for code in codes:
        found[code] = found.get(code, 0) + 1
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def _shown(count: int, inside: bool) -> int | None:
    return count if inside or count == 0 or count >= SMALLEST else None


def _cells(counts: Mapping[str, int], inside: bool) -> Cells:
    found: Cells = {code: _shown(count, inside) for code, count in counts.items()}
    left = sorted((count, code) for code, count in counts.items() if found[code] is not None)
    while left and not _tells_nothing(counts, found):
        found[left.pop(0)[1]] = None
    return found


def _tells_nothing(counts: Mapping[str, int], found: Cells) -> bool:
    """Whether any hidden number could as well be five: their sum follows from the total, and each is one at least."""
    hidden = [counts[code] for code, count in found.items() if count is None]
    return not hidden or sum(hidden) - (len(hidden) - 1) >= SMALLEST


def _by_form(spent: Sequence[Hours], inside: bool) -> list[FormHours]:
    found = []
    for form in sorted({one.form for one in spent}):
        rows = [one for one in spent if one.form == form]
        people = _shown(len({one.person for one in rows}), inside)
        hours = round(sum(one.hours for one in rows), 2) if people is not None else None
        found.append(FormHours(form, len({one.meeting for one in rows}), people, hours))
    return found
