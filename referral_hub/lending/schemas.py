"""Shapes at the edges of lending."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from referral_hub.directory.details import Lending


class Lent(Struct, frozen=True):
    """A resource that is lent: an offer of the shape „lending”, with its owner."""

    id: UUID
    title: str
    status: str
    owner: UUID
    owner_name: str
    owner_language: str
    details: Lending


class Booked(Struct, frozen=True):
    """A booking as its two sides see it: asked, confirmed, refused or cancelled."""

    id: UUID
    offer: UUID
    title: str
    owner: UUID
    owner_name: str
    borrower: UUID
    borrower_name: str
    starts_at: datetime
    ends_at: datetime
    pieces: int
    purpose: str
    state: str
    word: str
    made_at: datetime


class BookingAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """Body of `POST /api/v1/offers/{id}/bookings`: aware moments in ISO 8601, half-open [from, to)."""

    starts_at: datetime
    ends_at: datetime
    pieces: int = 1
    purpose: str = ""


class BusyPart(Struct, frozen=True):
    """A part of time in which not every piece is free."""

    starts_at: datetime
    ends_at: datetime
    free: int


class Calendar(Struct, frozen=True):
    """`GET /api/v1/offers/{id}/calendar`: pieces in all, and when fewer are free."""

    offer: UUID
    first_day: date
    last_day: date
    pieces: int
    busy: list[BusyPart]
