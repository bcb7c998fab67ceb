"""The shape of the public search's answer, for its description; the answer itself is put together from kept parts."""

from datetime import date

from msgspec import Struct

from referral_hub.directory.capacity import Capacity


class InstitutionPart(Struct, frozen=True):
    """Who offers it; `source_ids`: `NAME:id` of every register row merged into it."""

    id: str
    name: str
    kind: str
    source_ids: list[str]


class SitePart(Struct, frozen=True):
    """Where; coordinates are null where the address is not public."""

    municipality: str
    terc: str
    lat: float | None
    lon: float | None
    distance_km: float | None


class ContactPart(Struct, frozen=True):
    """How to ask."""

    phone: str | None
    hours_text: str | None


class NoticePart(Struct, frozen=True):
    """A word of the institution that holds today („w piątek nieczynne”), in Polish, with its first and last day."""

    text: str
    from_on: date
    until_on: date


class OfferPart(Struct, frozen=True):
    """One result; `why` are sentences in the reader's language."""

    id: str
    title: str
    url: str
    form: str
    needs: list[str]
    audiences: list[str]
    source_ids: list[str]
    institution: InstitutionPart
    site: SitePart | None
    contact: ContactPart
    capacity: Capacity
    notice: list[NoticePart]
    why: list[str]


class FacetPart(Struct, frozen=True):
    """A code with the number that choosing it would show."""

    code: str
    label: str
    count: int


class PlacePart(Struct, frozen=True):
    """The place understood; `widened`: it had nothing, so what is near is shown."""

    name: str
    terc: str
    kind: str
    near_km: float | None
    widened: bool


class UnderstoodPart(Struct, frozen=True):
    """What was taken from the words; `missed`: words that had to be left out to find anything."""

    terms: list[str]
    place: PlacePart | None
    corrected: str | None
    missed: list[str]


class OffersPage(Struct, frozen=True):
    """The answer of `GET /api/v1/offers`."""

    total: int
    page: int
    pages: int
    items: list[OfferPart]
    facets: dict[str, list[FacetPart]]
    understood: UnderstoodPart
