"""What the public sees of an offer: the facts of its card, page and JSON item, put together once. Pure.

A site whose address is not public keeps its municipality and loses street, coordinates and way there before
a card is made, so no page, list, map or search can show what it does not have; so do offers shown by category only
(see `confidential`). What staff see instead stands under `whole`, with `site.staff_address`.
"""

from collections.abc import Collection, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import holidays
from msgspec import Struct
from msgspec.structs import replace

from referral_hub.directory.capacity import Capacity
from referral_hub.directory.freshness import Freshness
from referral_hub.directory.hours import Today, Week, today_hours
from referral_hub.directory.places import Status
from referral_hub.geography.units import parent, unit
from referral_hub.institutions.phones import pretty

PHONES = ("phone", "mobile", "helpline")
NUMBERS = (*PHONES, "fax")


class Known(Struct, frozen=True):
    """The last day a field was known to be right, and from whom: partner, call, coordinator or import."""

    on: date
    how: str


class Contact(Struct, frozen=True):
    """A public business contact; `owner` is the site or offer it belongs to, None: the whole institution.

    `known`: when somebody last knew it right. `doubted`: the day nobody answered there, until somebody confirms it.
    """

    kind: str
    value: str
    extension: str = ""
    label: str = ""
    owner: str | None = None
    known: Known | None = None
    doubted: date | None = None

    @property
    def written(self) -> str:
        """A number as people write it, anything else as it is."""
        return pretty(self.value) if self.kind in NUMBERS else self.value

    @property
    def dialled(self) -> str:
        """A number for a `tel:` link, with a pause before the extension."""
        number = "".join(sign for sign in self.value if sign.isdigit() or sign == "+")
        return f"{number},{self.extension}" if self.extension else number


class Address(Struct, frozen=True):
    """Where exactly a site is."""

    street: str
    post_code: str
    lat: float | None
    lon: float | None
    travel: str


class Site(Struct, frozen=True):
    """A place. `address` is None where it is not public (`hidden`) and in the eyes of the public."""

    id: str
    name: str
    place: str
    terc: str
    hours_text: str
    week: Week | None
    accessibility: dict[str, Any]
    main: bool
    hidden: bool
    address: Address | None
    staff_address: Address | None = None
    hours_known: Known | None = None

    @property
    def municipality(self) -> str:
        """The name of the gmina, else the place as given."""
        found = unit(self.terc)
        return found.name if found else self.place

    @property
    def county(self) -> str:
        """The name of the powiat; empty for a city that is one itself."""
        found = parent(self.terc) if len(self.terc) == 6 else None
        return found.name if found and found.kind == "county" else ""

    @property
    def spot(self) -> tuple[float, float] | None:
        """Where to measure distances from: the public address, else the centre of the gmina."""
        if self.address and self.address.lat is not None and self.address.lon is not None:
            return self.address.lat, self.address.lon
        found = unit(self.terc)
        return (found.lat, found.lon) if found else None


class Away(Struct, frozen=True):
    """An institution is away from one day to another, both inside; who is asked meanwhile: a function, its numbers."""

    from_on: date
    until_on: date
    replacement: str
    phone: Contact | None
    email: str


class Notice(Struct, frozen=True):
    """A word that ends by itself, from one day to another, both inside; `about` a site or offer, None: everything."""

    text: str
    from_on: date
    until_on: date
    about: str | None = None


class Partner(Struct, frozen=True):
    """An institution as the public sees it; without an id: one that it may not know. `whole`: as staff see it, where
    that differs. `away`: its absences not yet over, the first one first."""

    id: str
    kind: str
    name: str
    short_name: str
    sort_key: str
    description: str
    example: bool
    terc: str
    contacts: tuple[Contact, ...]
    source_ids: tuple[str, ...]
    sites: tuple[Site, ...] = ()
    away: tuple[Away, ...] = ()
    notices: tuple[Notice, ...] = ()
    whole: "Partner | None" = None


class Card(Struct, frozen=True):
    """One offer. Titles and descriptions by language, Polish always there; `needs` effective (own, else the
    form's)."""

    id: str
    partner: Partner
    form: str
    titles: dict[str, str]
    descriptions: dict[str, str]
    needs: tuple[str, ...]
    audiences: tuple[str, ...]
    languages: tuple[str, ...]
    eligibility: dict[str, Any]
    area: tuple[str, ...]
    remote: bool
    first_step: str
    papers: str
    cost: str
    stipend: str
    insurance: str
    intake_mode: str
    sensitive: bool
    status: str
    unit: str
    sites: tuple[Site, ...]
    source_ids: tuple[str, ...]
    source_text: str
    reading: dict[str, Any]
    rhythm: str
    capacity: Capacity
    closed_until: date | None = None
    closed_why: str = ""
    whole: "Card | None" = None

    @property
    def owner(self) -> str:
        """The id of its institution, also where the public may not know it: to keep the model true, never to show."""
        return (self.whole or self).partner.id

    @property
    def by_category(self) -> bool:
        """Whether this is the public face of an offer whose institution the public may not know."""
        return not self.partner.id

    def title(self, language: str) -> str:
        """The title in a language, else in Polish."""
        return self.titles.get(language) or self.titles["pl"]

    def description(self, language: str) -> str:
        """The description in a language, else in Polish."""
        return self.descriptions.get(language) or self.descriptions.get("pl", "")

    @property
    def site(self) -> Site | None:
        """The site to show first."""
        return next((site for site in self.sites if site.main), self.sites[0] if self.sites else None)


def open_or_closed(status: str, closed_until: date | None, today: date) -> str:
    """`closed` until the day it opens again, from then on published: the calendar decides, not who writes it down."""
    if status == "closed" and closed_until is not None and closed_until <= today:
        return "published"
    return status


def taken_in(told: Capacity, status: str) -> Capacity:
    """The places as told; while an offer is closed nobody is taken in, whatever number was given."""
    if status != "closed":
        return told
    none = {"free": 0, "status": Status.NO_CAPACITY.value} if told.free is not None else {}
    return replace(told, freshness=Freshness.CLOSED.value, **none)


def nearest_site(card: Card, areas: Sequence[str], at: tuple[float, float] | None) -> Site | None:
    """Of several sites the one in the place asked for, else the nearest to it, else the main one."""
    if len(card.sites) < 2 or (not areas and at is None):
        return card.site
    inside = [site for site in card.sites if any(site.terc.startswith(area) for area in areas)]
    if inside:
        return inside[0]
    located = [(site.spot, site) for site in card.sites if site.spot]
    if at is None or not located:
        return card.site
    return min(located, key=lambda pair: (pair[0][0] - at[0]) ** 2 + ((pair[0][1] - at[1]) * 0.62) ** 2)[1]


def contacts_for(card: Card, site: Site | None, kinds: Sequence[str]) -> list[Contact]:
    """The contacts of the offer itself, else of the site, else of the institution as a whole."""
    of_kind = [contact for contact in card.partner.contacts if contact.kind in kinds]
    for owner in (card.id, site.id if site else "", None):
        found = [contact for contact in of_kind if contact.owner == owner]
        if found:
            return found
    return [contact for contact in of_kind if contact.owner == card.partner.id]


def phones_for(card: Card, site: Site | None) -> list[Contact]:
    """The numbers to dial, the best first: one where nobody answered comes after every other that might."""
    found = contacts_for(card, site, PHONES)
    if all(contact.doubted is None for contact in found):
        return found
    owners = {card.id, site.id if site else "", None, card.partner.id}
    others = [one for one in card.partner.contacts if one.kind in PHONES and one.owner in owners and one not in found]
    return answered_first([*found, *(one for one in others if one.doubted is None)])


def answered_first(phones: Sequence[Contact]) -> list[Contact]:
    """Numbers in doubt after the others, else in their order."""
    return sorted(phones, key=lambda contact: contact.doubted is not None)


def away_on(partner: Partner, today: date) -> Away | None:
    """The absence of an institution today."""
    return next((away for away in partner.away if away.from_on <= today <= away.until_on), None)


def notices_on(partner: Partner, today: date, about: Collection[str] | None = None) -> list[Notice]:
    """What an institution has to say today: of everything, or only of the whole and of the sites and offers named."""
    return [
        notice
        for notice in partner.notices
        if notice.from_on <= today <= notice.until_on
        and (about is None or notice.about is None or notice.about in about)
    ]


def notices_of(card: Card, today: date) -> list[Notice]:
    """What is to be known today about an offer: of its institution, its places and itself."""
    return notices_on(card.partner, today, {card.id, *(site.id for site in card.sites)})


def hours_today(site: Site | None, today: date) -> Today | None:
    """What a card says about today; None where nothing was given."""
    if site is None or not site.hours_text:
        return None
    return today_hours(site.week, today, holiday=is_holiday(today))


@lru_cache(maxsize=400)
def is_holiday(day: date) -> bool:
    """Whether a day is a public holiday in Poland."""
    return day in holidays.country_holidays("PL", years=day.year)


_LABEL_RUNG = {Freshness.NOT_SUGGESTED: 5, Freshness.CLOSED: 6}
_STATUS_RUNG = {Status.CAPACITY: 0, Status.ASSESSMENT: 1, Status.UNKNOWN: 3, Status.WAITLIST: 4, Status.NO_CAPACITY: 5}


def rung(capacity: Capacity) -> int:
    """The order of „free places first”: 0 free and fresh … 3 unknown … 5 full or out of date, 6 intake
    closed."""
    late = _LABEL_RUNG.get(Freshness(capacity.freshness))
    if late is not None:
        return late
    step = _STATUS_RUNG[Status(capacity.status)]
    return step + 1 if step < 2 and capacity.freshness == Freshness.ASK_FIRST else step


def has_free_places(capacity: Capacity) -> bool:
    """Whether „only with free places” keeps the offer: a number above nought that may still be relied on."""
    return bool(capacity.free) and capacity.freshness in {Freshness.FRESH, Freshness.ASK_FIRST}
