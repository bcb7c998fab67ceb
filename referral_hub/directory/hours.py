"""Opening hours as people write them: the text is kept, and read into intervals only where it is certain.

A small strict grammar reads days and times in either order („pon.–pt. 7.30–15.30”, „7.00–15.00 od
poniedziałku do piątku”, „całodobowo”, „wtorki 8-16, pozostałe dni 7-15”). One word it does not know and it
gives up: a wrong guess sends somebody to a closed door, no guess only asks them to read. So rotas of persons,
every second week, two hours for one day, and hours without a day stay a text.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct

from referral_hub.directory.hours_words import Token, tokens

MIDNIGHT = 24 * 60


class Interval(Struct, frozen=True, order=True):
    """Open from `start` until `end`, minutes after midnight (end up to 1440)."""

    start: int
    end: int

    def __str__(self) -> str:
        return f"{clock_face(self.start)}–{clock_face(self.end)}"


class Week(Struct, frozen=True):
    """Seven days from Monday; a day without intervals is closed."""

    days: tuple[tuple[Interval, ...], ...]


class Today(Struct, frozen=True):
    """What a card says about today: `state` is always, open, closed, holiday (phone first) or unknown."""

    state: str
    intervals: tuple[Interval, ...] = ()


ALWAYS = Week(tuple((Interval(0, MIDNIGHT),) for _ in range(7)))
WORKING = range(5)


def clock_face(minutes: int) -> str:
    """Minutes after midnight as „7:30”."""
    return f"{minutes // 60}:{minutes % 60:02d}"


def read_hours(text: str) -> Week | None:
    """The week a text certainly means, else None."""
    found = tokens(text)
    if not found:
        return None
    kinds = [token.kind for token in found]
    if kinds in (["always"], ["always", "all_week"], ["all_week", "always"]):
        return ALWAYS
    if "always" in kinds:
        return None
    groups = _groups(found)
    return None if groups is None else _week(groups)


def _groups(found: list[Token]) -> list[tuple[list[Token], list[Token]]] | None:
    """(day tokens, time tokens) pairs; the first token says which comes first throughout."""
    runs: list[list[Token]] = []
    for token in found:
        side = "times" if token.kind in {"time", "closed"} else "days"
        if token.kind == "dash" and runs:
            side = _side(runs[-1])
        if not runs or (side != _side(runs[-1]) and token.kind != "and"):
            runs.append([])
        runs[-1].append(token)
    if len(runs) % 2:
        return None
    pairs = [(runs[n], runs[n + 1]) for n in range(0, len(runs), 2)]
    return pairs if _side(runs[0]) == "days" else [(days, times) for times, days in pairs]


def _side(run: list[Token]) -> str:
    return "times" if run[0].kind in {"time", "closed"} else "days"


def _week(groups: list[tuple[list[Token], list[Token]]]) -> Week | None:
    named: dict[int, tuple[Interval, ...]] = {}
    rest: tuple[Interval, ...] | None = None
    for day_tokens, time_tokens in groups:
        times = _times(time_tokens)
        if times is None:
            return None
        if [token.kind for token in day_tokens if token.kind != "and"] == ["rest"]:
            if rest is not None or not named:
                return None
            rest = times
            continue
        days = _days(day_tokens)
        if not days or any(day in named for day in days):
            return None
        named.update(dict.fromkeys(days, times))
    if rest is not None:
        named.update({day: rest for day in WORKING if day not in named})
    return Week(tuple(named.get(day, ()) for day in range(7)))


def _days(run: list[Token]) -> list[int] | None:
    """Weekdays (0 = Monday) of „pon., śr.–pt.”; None where it is not certain which days are meant."""
    items = list(run)
    while items and items[-1].kind in {"and", "dash"}:
        items.pop()
    if [token.kind for token in items] == ["all_week"]:
        return list(range(7))
    days: list[int] = []
    joined = True  # whether a separator stood before the next day
    place = 0
    while place < len(items):
        token = items[place]
        if token.kind == "and":
            joined, place = True, place + 1
        elif token.kind == "day" and joined:
            last = token.value
            if place + 2 < len(items) and items[place + 1].kind == "dash" and items[place + 2].kind == "day":
                last, place = items[place + 2].value, place + 2
                if last <= token.value:
                    return None
            days.extend(range(token.value, last + 1))
            joined, place = False, place + 1
        else:
            return None
    return days if len(set(days)) == len(days) else None


def _times(run: list[Token]) -> tuple[Interval, ...] | None:
    """Intervals of one group, in order and apart; () for „nieczynne”; None where a time is odd."""
    items = [token for token in run if token.kind != "and"]
    while items and items[-1].kind == "dash":
        items.pop()
    if [token.kind for token in items] == ["closed"]:
        return ()
    intervals: list[Interval] = []
    if len(items) % 3:
        return None
    for n in range(0, len(items), 3):
        start, dash, end = items[n : n + 3]
        if (start.kind, dash.kind, end.kind) != ("time", "dash", "time"):
            return None
        if not (0 <= start.value < end.value <= MIDNIGHT):
            return None
        if intervals and start.value <= intervals[-1].end:
            return None
        intervals.append(Interval(start.value, end.value))
    return tuple(intervals)


def today_hours(week: Week | None, today: date, *, holiday: bool) -> Today:
    """What the read hours say about today; on a public holiday only round the clock is promised."""
    if week is None:
        return Today("unknown")
    if week == ALWAYS:
        return Today("always", week.days[0])
    intervals = week.days[today.weekday()]
    if holiday and intervals:
        return Today("holiday")
    return Today("open", intervals) if intervals else Today("closed")


def stored(week: Week | None) -> list[dict[str, Any]]:
    """The week for the JSON column: {"days": [1..7], "from": "HH:MM", "to": "HH:MM"}; [] where not certain.

    Days that share an interval stand together, in order of the first of them.
    """
    together: dict[Interval, list[int]] = {}
    for number, day in enumerate(week.days if week else (), start=1):
        for one in day:
            together.setdefault(one, []).append(number)
    return [
        {"days": days, "from": f"{clock_face(one.start):0>5}", "to": f"{clock_face(one.end):0>5}"}
        for one, days in sorted(together.items(), key=lambda pair: (pair[1][0], pair[0]))
    ]


def from_stored(rows: Sequence[Mapping[str, Any]]) -> Week | None:
    """The inverse of `stored`: no rows mean that nothing is certain."""
    if not rows:
        return None
    days: list[list[Interval]] = [[] for _ in range(7)]
    for row in rows:
        start, end = (int(row[key][:2]) * 60 + int(row[key][3:]) for key in ("from", "to"))
        for number in row["days"]:
            days[number - 1].append(Interval(start, end))
    return Week(tuple(tuple(sorted(day)) for day in days))


def tidy(text: str) -> str:
    """The text as given, with runs of blanks made one and lines kept."""
    lines = (re.sub(r"[ \t\xa0]+", " ", line).strip() for line in text.replace("\r\n", "\n").split("\n"))
    return "\n".join(line for line in lines if line)
