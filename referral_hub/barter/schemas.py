"""Shapes at the edges of the exchange of services."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct


class NewLine(Struct, frozen=True):
    """A thing offered or wanted, as typed."""

    side: str
    subject: str
    text: str = ""
    amount: str = ""
    until: date | None = None


class SeenLine(Struct, frozen=True):
    """A line with who says it."""

    id: UUID
    offer: UUID
    institution: UUID
    institution_name: str
    side: str
    subject: str
    text: str
    amount: str
    until: date | None


class Agreed(Struct, frozen=True):
    """An exchange with its two sides; `acts` are what the side that looks may do now."""

    id: UUID
    state: str
    word: str
    proposed_by: UUID
    made_at: datetime
    changed_at: datetime
    given: SeenLine
    wanted: SeenLine
    acts: tuple[str, ...] = ()
