"""Reading a form field by field: every problem is kept beside its field, and what was typed stays.

A handler says `form = Form(await request.form())`, asks for its fields, then `form.check()`; a template shows
`form.value(name)`, `form.values(name)` and `form.problem(name)`.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Final
from uuid import UUID

from referral_hub.errors import HubError, Problem, Refused

LONGEST: Final = 2000
CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""What no text may hold: signs that steer a terminal or end a string, and halves of surrogate pairs."""
_POLISH_DATE = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$")


class Form:
    """What was sent, or what a page starts from; `data` maps a name to a text or a list of texts."""

    def __init__(self, data: Mapping[str, object] | None = None) -> None:
        self._sent = {name: _texts(data, name) for name in data} if data else {}
        self.problems: list[Problem] = []
        self.labels: dict[str, str] = {}

    def value(self, name: str) -> str:
        """The first text under this name, as typed; '' where there is none."""
        return next(iter(self._sent.get(name, ())), "")

    def values(self, name: str) -> list[str]:
        """All texts under this name, for check boxes."""
        return self._sent.get(name, [])

    def names(self) -> list[str]:
        """The names of all fields sent."""
        return list(self._sent)

    def problem(self, name: str) -> Problem | None:
        """The first problem of this field."""
        return next((problem for problem in self.problems if problem.field == name), None)

    def named(self, name: str, label: str) -> None:
        """Remember what a page calls a field, so that the list of problems can name it."""
        self.labels[name] = label[:1].upper() + label[1:]

    def add(self, name: str, code: str, **facts: object) -> None:
        """Keep a problem of a field; its sentence is `error.<code>`."""
        self.problems.append(Problem(name, code, facts))

    def take(self, refusal: HubError) -> None:
        """Show what an action answered on this form: problems beside their fields, else its code above all."""
        known = {(problem.field, problem.code) for problem in self.problems}
        new = refusal.problems or (Problem("", refusal.code, dict(refusal.facts)),)
        self.problems.extend(problem for problem in new if (problem.field, problem.code) not in known)

    def check(self) -> None:
        """Raise Refused("invalid") with everything found, if anything was."""
        if self.problems:
            raise Refused("invalid", self.problems)

    def text(self, name: str, *, required: bool = True, most: int = 200, lines: bool = False) -> str:
        """Trimmed text of at most `most` characters; white space is one space unless `lines` are kept."""
        text = self.value(name).replace("\r\n", "\n").replace("\r", "\n")
        if CONTROL.search(text):
            self.add(name, "bad_characters")
            return ""
        text = text.strip() if lines else " ".join(text.split())
        if not text and required:
            self.add(name, "required")
        if len(text) > most:
            self.add(name, "too_long", most=most, length=len(text))
            return ""
        return text

    def secret(self, name: str, *, most: int = 200) -> str:
        """A password exactly as typed: spaces count."""
        typed = self.value(name)
        if not typed:
            self.add(name, "required")
        if len(typed) > most:
            self.add(name, "too_long", most=most, length=len(typed))
            return ""
        return typed

    def whole(self, name: str, *, least: int = 0, most: int = 1_000_000, required: bool = True) -> int | None:
        """A whole number within bounds; None where nothing was typed and nothing had to be."""
        typed = self.text(name, required=required, most=20)
        if not typed:
            return None
        digits = typed.replace(" ", "").replace("\u00a0", "")
        if not re.fullmatch(r"-?[0-9]{1,12}", digits):
            self.add(name, "not_a_number")
            return None
        number = int(digits)
        if not least <= number <= most:
            self.add(name, "out_of_range", least=least, most=most)
            return None
        return number

    def date(
        self, name: str, *, required: bool = True, earliest: date | None = None, latest: date | None = None
    ) -> date | None:
        """A day as 2026-11-23 or 23.11.2026."""
        typed = self.text(name, required=required, most=20)
        if not typed:
            return None
        day = _day(typed)
        if day is None:
            self.add(name, "not_a_date")
            return None
        if (earliest and day < earliest) or (latest and day > latest):
            code = "date_too_early" if earliest and day < earliest else "date_too_late"
            self.add(name, code, earliest=earliest, latest=latest)
            return None
        return day

    def choice(
        self, name: str, codes: Collection[str], *, required: bool = True, missing: str = "choose_one"
    ) -> str | None:
        """One of the codes; `missing` is the code of the problem when none was chosen."""
        typed = self.value(name).strip()
        if not typed:
            if required:
                self.add(name, missing)
            return None
        if typed not in codes:
            self.add(name, "not_a_choice")
            return None
        return typed

    def many(self, name: str, codes: Collection[str], *, required: bool = False) -> list[str]:
        """Several of the codes, each once, in the order sent."""
        typed = list(dict.fromkeys(text.strip() for text in self.values(name) if text.strip()))
        if required and not typed:
            self.add(name, "choose_some")
        if any(text not in codes for text in typed):
            self.add(name, "not_a_choice")
            return []
        return typed

    def flag(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.value(name) not in ("", "0", "false", "off")

    def id(self, name: str, *, required: bool = True, missing: str = "choose_one") -> UUID | None:
        """A key of ours; `missing` as for a choice."""
        typed = self.value(name).strip()
        if not typed:
            if required:
                self.add(name, missing)
            return None
        try:
            return UUID(typed)
        except ValueError:
            self.add(name, "not_a_choice")
            return None


def _texts(data: Mapping[str, object], name: str) -> list[str]:
    """A litestar multidict knows `getall`; a plain mapping holds one value or a list; files are not texts."""
    getall = getattr(data, "getall", None)
    found: object = getall(name) if getall else data[name]
    if isinstance(found, bool):
        return ["1"] if found else []
    if isinstance(found, date):
        return [found.isoformat()]
    if isinstance(found, Iterable) and not isinstance(found, str | bytes):
        return [str(item) for item in found if isinstance(item, str | int | UUID)]
    return [] if found is None else [str(found)]


def _day(typed: str) -> date | None:
    polish = _POLISH_DATE.match(typed)
    try:
        if polish:
            return date(int(polish[3]), int(polish[2]), int(polish[1]))
        return date.fromisoformat(typed)
    except ValueError:
        return None
