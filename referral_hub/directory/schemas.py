"""Shapes at the edges of the partner's and the coordinator's side of the directory."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from referral_hub.directory.capacity import Capacity
from referral_hub.directory.freshness import Ahead, ahead
from referral_hub.directory.proposals import Proposed


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
    proposed: Proposed | None = None

    @property
    def asks(self) -> bool:
        """Whether its institution has something to say: a number to confirm, or one that a decline proposed."""
        return self.due or self.proposed is not None

    @property
    def dates_ahead(self) -> Ahead | None:
        """When its number will be asked about first, not suggested, and closed; None without a number."""
        return None if self.capacity.as_of is None else ahead(self.capacity.as_of, self.rhythm)

    @property
    def fresh_until(self) -> date | None:
        """The last day on which its number counts as fresh."""
        days = self.dates_ahead
        return None if days is None else days.ask_first - timedelta(days=1)


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


class ReadingTold(Struct, frozen=True, kw_only=True):
    """A reading as it was given. `as_of`: the day on which it was true; `takes_back`: it undoes another one."""

    as_of: date
    source: str
    free: int | None
    maximum: int | None
    taken: int | None
    referred: int | None
    allocated: int | None
    arrived: int | None
    waiting: int | None
    waiting_days: int | None
    free_women: int | None
    free_men: int | None
    by_group: dict[str, int]
    from_when: date | None
    status: str
    in_force: bool
    taken_back: bool
    takes_back: bool
    contradictions: list[str]


class ReadingsPage(Struct, frozen=True):
    """A page of the ledger of an offer in one unit, the newest reading first."""

    unit: str
    total: int
    page: int
    pages: int
    items: list[ReadingTold]
