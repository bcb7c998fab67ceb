"""Shapes of an enquiry after free places: the question, whom it would reach, what was answered."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

Way = Literal["email", "sms", "phone", "often", "known"]


class Question(Struct, frozen=True, kw_only=True):
    """What is asked, without a word about anybody: `need` and `audiences` are codes, `area` TERC prefixes.

    `ends_on` is the day until which answers are waited for, `people` how many places are sought.
    """

    need: str
    audiences: list[str] = []
    area: list[str] = []
    from_on: date | None = None
    people: int = 1
    ends_on: date


class Candidate(Struct, frozen=True, kw_only=True):
    """An offer that could answer, and the way its institution is asked.

    `way`: email or sms, phone (no address that works, or it prefers to be called), often (it was asked enough for a
    day: phone), known (its number is of today: nobody needs to ask). `free` is what is available now.
    """

    offer: UUID
    title: str
    form: str
    institution: UUID
    name: str
    language: str
    address: str
    phone: str
    way: Way
    free: int | None
    as_of: date | None
    reading: UUID | None
    recorded_at: datetime | None


class Seen(Struct, frozen=True, kw_only=True):
    """An enquiry as those who asked see it."""

    id: UUID
    institution: UUID
    institution_name: str
    need: str
    audiences: list[str]
    area: list[str]
    from_on: date | None
    people: int
    made_at: datetime
    ends_at: datetime
    closed_at: datetime | None
    asked: int
    answered: int
    places: int
    """Free places in all answers that say yes."""

    @property
    def open(self) -> bool:
        """Whether answers are still waited for."""
        return self.closed_at is None


class Answer(Struct, frozen=True, kw_only=True):
    """One row of the table: an offer asked about, and what was said. `by`: link, account, phone or known."""

    id: UUID
    offer: UUID
    title: str
    institution: UUID
    name: str
    phone: str
    channel: str
    answer: str
    free: int | None
    from_on: date | None
    at: datetime | None
    by: str
    reading: UUID | None
    enough: bool


class Asking(Struct, frozen=True, kw_only=True):
    """The question as the institution asked sees it; `ended`: nobody waits any more, a number still helps."""

    id: UUID
    asker: str
    need: str
    audiences: list[str]
    area: list[str]
    from_on: date | None
    people: int
    ends_at: datetime
    ended: bool
    offers: list[UUID]
    answered: dict[UUID, str]
