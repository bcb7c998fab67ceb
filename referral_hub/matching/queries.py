"""Offers that could answer a need, as matching and the composer see them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from referral_hub.database.transaction import connection
from referral_hub.directory.capacity import CAPACITY_COLUMNS, CAPACITY_JOINS, Capacity, capacity
from referral_hub.directory.cards import Known
from referral_hub.directory.freshness import Freshness
from referral_hub.geography.distance import distance_km
from referral_hub.geography.units import unit
from referral_hub.institutions.phones import pretty
from referral_hub.matching.fit import Candidate, Conditions, Fit, Person, ranked
from referral_hub.vocabularies import book


class SiteOfOffer(Struct, frozen=True):
    """A site as staff see it."""

    id: UUID
    street: str
    post_code: str
    place: str
    terc: str
    lat: float | None
    lon: float | None
    hours_text: str
    travel: str
    visibility: str

    @property
    def may_be_printed(self) -> bool:
        """Whether the address may stand on paper: those of shelters and of help against violence are told by phone."""
        return self.visibility == "public"

    @property
    def address(self) -> str:
        """Street, post code and place on one line, '' where none is known."""
        return ", ".join(part for part in (self.street, f"{self.post_code} {self.place}".strip()) if part)


class Offered(Struct, frozen=True, kw_only=True):
    """One offer with what a caseworker must see before choosing it; sites the nearest first."""

    id: UUID
    title: str
    form: str
    institution: UUID
    institution_name: str
    kind: str
    phone: str = ""
    phone_doubted: datetime | None = None
    phone_known: Known | None = None
    email: str = ""
    sites: tuple[SiteOfOffer, ...]
    first_step: str
    papers: str
    cost: str
    intake: str
    disclosure: str
    sensitive: bool
    capacity: Capacity
    status: str

    @property
    def site(self) -> SiteOfOffer | None:
        """The nearest site."""
        return self.sites[0] if self.sites else None

    @property
    def is_sensitive(self) -> bool:
        """Whether being sent there is itself a protected fact: then printed things bear neutral words."""
        return self.sensitive or book.is_sensitive("kind", self.kind) or book.is_sensitive("form", self.form)


class Match(Struct, frozen=True):
    """An offer and how it fits."""

    offered: Offered
    fit: Fit


_CONTACT = """(select {what} from contact c where c.institution = o.institution and c.kind = any({kinds})
 and (c.belongs_to is null or c.belongs_to = o.id or c.belongs_to in (select site from offer_site where offer = o.id))
 order by c.doubted_at is not null, (c.belongs_to = o.id) desc nulls last,
  (c.belongs_to is not null) desc, c.position, c.id limit 1)"""
_PHONES = "array['phone', 'mobile', 'helpline']"
_DIALLED = """json_build_array(c.value || case when c.extension <> '' then ' w. ' || c.extension else '' end,
 c.doubted_at, c.confirmed_on, c.confirmed_how)"""
_CONTACTS = f"""select o.id, {_CONTACT.format(what=_DIALLED, kinds=_PHONES)}::text as phone,
 {_CONTACT.format(what="c.value", kinds="array['email']")} as email from offer o where o.id = any($1)"""  # noqa: S608 -- constants only
_SELECT = f"""select o.id, o.title, o.form, o.institution, i.name as institution_name, i.kind, i.terc as seat,
 o.needs, o.audiences, o.languages, o.eligibility::text as eligibility, o.area, o.remote, o.first_step, o.papers,
 o.cost, o.intake_mode, o.disclosure, o.sensitive or o.by_category as sensitive, o.rhythm, o.status, r.waiting_days,
 (select coalesce(json_agg(json_build_object('id', s.id, 'street', s.street, 'post_code', s.post_code,
   'place', s.place, 'terc', s.terc, 'lat', s.lat, 'lon', s.lon, 'hours_text', s.hours_text, 'travel', s.travel,
   'visibility', s.address_visibility)
   order by s.main desc, s.id), '[]')
  from offer_site os join site s on s.id = os.site where os.offer = o.id and s.status = 'published')::text as sites,
 {CAPACITY_COLUMNS}
from offer o join institution i on i.id = o.institution {CAPACITY_JOINS}"""  # noqa: S608 -- constants only
_NEAR_DEGREES = 0.4
"""About 45 km north and south, 29 km east and west: a first look, wide enough for a bus ride."""
_ENOUGH = 12
_NEAR = """and (o.remote or exists (select 1 from unnest(o.area) prefix where $6::text like prefix || '%')
 or exists (select 1 from offer_site os join site s on s.id = os.site where os.offer = o.id
   and s.lat between $4::float8 - $7::float8 and $4::float8 + $7::float8
   and s.lon between $5::float8 - $7::float8 and $5::float8 + $7::float8))"""
_OPEN = "o.status = 'published' and i.status = 'published' and coalesce(o.visible_from, $1) <= $1"


async def matches(
    person: Person, point: tuple[float, float] | None, today: date, *, most: int = 20, all_of_them: bool = False
) -> list[Match]:
    """Open offers whose form or needs answer the person's need, best first, at most `most`.

    `point` is where the person is. Offers that do not fit are only told where nothing fits, or with `all_of_them`.
    """
    async with connection() as sql:
        found: list[Match] = []
        if point is not None:
            found = await _asked(sql, person, point, today, near=True)
        # Only where the neighbourhood has too little is the whole network looked through.
        if all_of_them or sum(match.fit.suggested for match in found) < _ENOUGH:
            found = await _asked(sql, person, point, today, near=False)
        fitting = [match for match in found if match.fit.fits]
        return await _with_contacts(sql, (found if all_of_them or not fitting else fitting)[:most])


async def offered(offer: UUID, person: Person | None, point: tuple[float, float] | None, today: date) -> Match | None:
    """One offer, open or closed, and how it fits; None when there is no such offer."""
    async with connection() as sql:
        rows = await sql.fetch(f"{_SELECT} where o.id = $1", offer)
        asked = person or Person(need="", forms={row["form"]: 1 for row in rows})
        found = await _with_contacts(sql, _ranked(rows, asked, point, today))
    return found[0] if found else None


async def _asked(
    sql: Any, person: Person, point: tuple[float, float] | None, today: date, *, near: bool
) -> list[Match]:
    """Every open offer for the need, ranked; with `near` those close to the point, remote, or serving the gmina."""
    query = f"{_SELECT} where {_OPEN} and (o.form = any($2) or $3 = any(o.needs)) {_NEAR if near else ''}"
    arguments: list[object] = [today, list(person.forms), person.need]
    if near and point is not None:
        arguments += [point[0], point[1], person.gmina, _NEAR_DEGREES]
    return _ranked(await sql.fetch(query, *arguments), person, point, today)


def _ranked(rows: list[Any], person: Person, point: tuple[float, float] | None, today: date) -> list[Match]:
    shown = {row["id"]: _offered(row, point, today) for row in rows}
    candidates = [_candidate(row, shown[row["id"]], point, today) for row in rows]
    return [Match(shown[fit.candidate.offer], fit) for fit in ranked(person, candidates)]


async def _with_contacts(sql: Any, found: list[Match]) -> list[Match]:
    """Phones and e-mail only for what is shown: asking for every candidate costs most of the query."""
    rows = await sql.fetch(_CONTACTS, [match.offered.id for match in found])
    known = {row["id"]: {**_dialled(row["phone"]), "email": row["email"] or ""} for row in rows}
    return [replace(match, offered=replace(match.offered, **known[match.offered.id])) for match in found]


def _dialled(told: str | None) -> dict[str, Any]:
    """The number to dial, when somebody last knew it right, and since when it is in doubt."""
    if told is None:
        return {}
    written, doubted, on, how = msgspec.json.decode(told, type=tuple[str, datetime | None, date | None, str])
    known = None if on is None else Known(on, how or "import")
    return {"phone": pretty(written), "phone_doubted": doubted, "phone_known": known}


def _offered(row: Any, point: tuple[float, float] | None, today: date) -> Offered:
    sites = [_as_told(site) for site in msgspec.json.decode(row["sites"], type=tuple[SiteOfOffer, ...])]
    return Offered(
        id=row["id"],
        title=row["title"],
        form=row["form"],
        institution=row["institution"],
        institution_name=row["institution_name"],
        kind=row["kind"],
        sites=tuple(sorted(sites, key=lambda site: _way(site, point))),
        first_step=row["first_step"],
        papers=row["papers"],
        cost=row["cost"],
        intake=row["intake_mode"],
        disclosure=row["disclosure"],
        sensitive=row["sensitive"],
        capacity=capacity(row, row["rhythm"], today),
        status=row["status"],
    )


def _as_told(site: SiteOfOffer) -> SiteOfOffer:
    """A place told only after an accepted referral: its gmina, and distances from the middle of that."""
    if site.visibility != "accepted":
        return site
    gmina = unit(site.terc)
    place, lat, lon = (gmina.name, gmina.lat, gmina.lon) if gmina else ("", None, None)
    return replace(site, street="", post_code="", place=place, lat=lat, lon=lon, travel="", hours_text="")


def _way(site: SiteOfOffer, point: tuple[float, float] | None) -> float:
    if point is None or site.lat is None or site.lon is None:
        return float("inf")
    return distance_km(point[0], point[1], site.lat, site.lon)


def _candidate(row: Any, shown: Offered, point: tuple[float, float] | None, today: date) -> Candidate:
    eligibility: Mapping[str, Any] = msgspec.json.decode(row["eligibility"])
    stage = eligibility.get("therapy_stage") or ()
    way = min((_way(site, point) for site in shown.sites), default=float("inf"))
    places = shown.capacity
    return Candidate(
        offer=shown.id,
        form=shown.form,
        needs=frozenset(row["needs"]),
        audiences=frozenset(row["audiences"]),
        conditions=Conditions(
            age_from=eligibility.get("age_from"),
            age_to=eligibility.get("age_to"),
            sex=eligibility.get("sex") or "",
            therapy_stages=frozenset([stage] if isinstance(stage, str) else stage),
        ),
        area=tuple(row["area"]),
        gminas=frozenset(site.terc for site in shown.sites if site.terc)
        or frozenset([row["seat"]] if row["seat"] else []),
        remote=row["remote"],
        km=None if way == float("inf") else round(way, 1),
        freshness=Freshness(places.freshness),
        age_days=None if places.as_of is None else max(0, (today - places.as_of).days),
        available=places.free,
        keeps_list=places.status == "waitlist",
        waiting=places.waiting,
        waiting_days=row["waiting_days"],
        intake=shown.intake,
        languages=frozenset(row["languages"]),
        name=f"{shown.institution_name} {shown.title}",
    )
