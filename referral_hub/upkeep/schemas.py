"""Shapes at the edges of keeping numbers true: whom to call, and what for."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from referral_hub.directory.hours import Today
from referral_hub.directory.schemas import OwnOffer


class Phone(Struct, frozen=True):
    """A number to dial and the words beside it; `contact` is its row, `doubted` when nobody answered there."""

    number: str
    label: str
    contact: UUID | None = None
    doubted: datetime | None = None


class Task(Struct, frozen=True):
    """An open call task. `tries`: how often nobody answered so far; `due_on` is the day to call (again)."""

    id: UUID
    why: str
    made_at: datetime
    due_on: date
    tries: int


class Replacement(Struct, frozen=True):
    """Who is asked while an institution is away: a function, never a name. `until_on` is the last day."""

    who: str
    phone: str
    until_on: date


class Partner(Struct, frozen=True):
    """An institution to call: the numbers, the offers to ask about, and what earlier calls heard."""

    id: UUID
    name: str
    kind: str
    phones: list[Phone]
    offers: list[OwnOffer]
    task: Task | None = None
    last_heard: str = ""
    last_call: datetime | None = None
    today: Today | None = None
    hours_text: str = ""
    away: Replacement | None = None
