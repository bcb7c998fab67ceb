"""Shapes at the edges of the partner's and the coordinator's side of the directory."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from referral_hub.directory.capacity import Capacity


class OwnOffer(Struct, frozen=True):
    """An offer as its own institution sees it: `still` is the number that „nothing changed” would report.

    `still` leaves out whom we know to have been accepted since the reading, but not open holds: those people are
    not accepted yet. None where no number was ever given. `source` is whose word the reading is.
    """

    id: UUID
    institution: UUID
    title: str
    form: str
    status: str
    rhythm: str
    capacity: Capacity
    still: int | None
    taken_since: int
    due: bool
    source: str
    reading: UUID | None
    recorded_at: datetime | None
    free_women: int | None
    free_men: int | None
    from_when: date | None


class OwnSite(Struct, frozen=True):
    """A site of an institution with all that its form shows."""

    id: UUID
    institution: UUID
    name: str
    street: str
    post_code: str
    place: str
    terc: str
    hours_text: str
    hours: list[dict[str, Any]]
    travel: str
    address_visibility: str
    version: int


class Phone(Struct, frozen=True):
    """A number to dial and the words beside it."""

    number: str
    label: str


class SilentPartner(Struct, frozen=True):
    """An institution that has not reported: whom to call about which offers, and what earlier calls heard."""

    id: UUID
    name: str
    kind: str
    phones: list[Phone]
    offers: list[OwnOffer]
    last_heard: str
    last_call: datetime | None

    @property
    def ever_told(self) -> bool:
        """Whether any of these offers ever had a number: those who stopped telling are called before the rest."""
        return any(offer.capacity.as_of is not None for offer in self.offers)


class ReadingGiven(Struct, frozen=True, forbid_unknown_fields=True):
    """Body of `POST /api/v1/offers/{id}/readings`. `as_of` is a day or a moment; `by` the free places for women (K)
    and men (M), `by_group` those by code of audience; `unit` what is counted, by default what the offer counts;
    `from_when` the first free day; `note` is for staff."""

    free: int
    unit: str = ""
    maximum: int | None = None
    taken: int | None = None
    waiting: int | None = None
    waiting_days: int | None = None
    from_when: date | None = None
    status: str = ""
    note: str = ""
    as_of: str | None = None
    by: "BySex | None" = None
    by_group: dict[str, int] = {}


class BySex(Struct, frozen=True):
    """Free places for women and for men."""

    K: int | None = None
    M: int | None = None
