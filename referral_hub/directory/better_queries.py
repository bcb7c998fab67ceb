"""What would make offers better: one offer, those of an institution, the whole network worst first."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from referral_hub import clock
from referral_hub.database.transaction import connection
from referral_hub.directory.better import Advice, Known, advice, weight
from referral_hub.directory.capacity import warsaw_day
from referral_hub.directory.freshness import freshness
from referral_hub.vocabularies.words import sort_key

PER_PAGE = 20
_CONDITIONS = ("age_from", "age_to", "sex", "note", "everybody", "therapy_stage")
_OFFERS = """select o.id, o.title, o.title_en, o.title_uk, o.institution, i.name, o.first_step, o.description, o.needs,
 o.audiences, o.eligibility, o.area, o.remote, o.rhythm, r.as_of,
 exists (select 1 from offer_site s where s.offer = o.id) as placed,
 (select array_agg(s.id order by s.main desc, s.id) from offer_site os join site s on s.id = os.site
  where os.offer = o.id) as sites,
 exists (select 1 from offer_site os join site s on s.id = os.site
  where os.offer = o.id and s.hours_text <> '') as hours,
 exists (select 1 from offer_site os join site s on s.id = os.site where os.offer = o.id
  and s.accessibility -> 'overall' ->> 'answer' in ('yes', 'no', 'planned')) as access,
 p.value as phone, p.belongs_to as phone_of, p.doubted_at, p.confirmed_on
 from offer o join institution i on i.id = o.institution
 left join offer_places op on op.offer = o.id left join capacity_reading r on r.id = op.reading
 left join lateral (select c.value, c.belongs_to, c.doubted_at, c.confirmed_on from contact c
  where c.institution = o.institution and c.kind in ('phone', 'mobile', 'helpline')
   and (c.belongs_to is null or c.belongs_to = o.id or c.belongs_to in (select site from offer_site where offer = o.id))
  order by (c.belongs_to = o.id) desc nulls last, c.belongs_to is null, c.doubted_at is not null, c.position, c.id
  limit 1) p on true
 where i.status = 'published' and o.status in ('published', 'closed') and ($1::uuid is null or o.institution = $1)
 and ($2::uuid is null or o.id = $2)"""


class Advised(Struct, frozen=True):
    """One thing to do and the page where it is done, at its field."""

    advice: Advice
    url: str


class Better(Struct, frozen=True):
    """An offer with what would help it, the most helpful first."""

    id: UUID
    title: str
    advised: list[Advised]
    weight: int


class Institution(Struct, frozen=True):
    """An institution with its offers that could be better, worst first."""

    id: UUID
    name: str
    offers: list[Better]
    weight: int


async def advice_for(offer: UUID, *, own: bool = True) -> list[Advised]:
    """What would help one offer that the public sees; nothing for a draft. `own`: its institution looks, not staff."""
    async with connection() as sql:
        rows = await sql.fetch(_OFFERS, None, offer)
    return _better(rows[0], clock.today(), own=own).advised if rows else []


async def better_of(institution: UUID) -> dict[UUID, Better]:
    """What would help each offer of an institution."""
    async with connection() as sql:
        rows = await sql.fetch(_OFFERS, institution, None)
    today = clock.today()
    return {row["id"]: _better(row, today) for row in rows}


async def better_network(number: int) -> tuple[list[Institution], int, int]:
    """(a page of institutions, how many pages, how many institutions): those lacking most come first."""
    async with connection() as sql:
        rows = await sql.fetch(_OFFERS, None, None)
    # Reading twenty thousand descriptions takes seconds the first time: beside the event loop.
    found = await asyncio.to_thread(_by_institution, rows, clock.today())
    pages = max(1, -(-len(found) // PER_PAGE))
    start = (min(max(number, 1), pages) - 1) * PER_PAGE
    return found[start : start + PER_PAGE], pages, len(found)


def _by_institution(rows: Iterable[Mapping[str, Any]], today: date) -> list[Institution]:
    names: dict[UUID, str] = {}
    offers: dict[UUID, list[Better]] = {}
    for row in rows:
        better = _better(row, today, own=False)
        if better.advised:
            names[row["institution"]] = row["name"]
            offers.setdefault(row["institution"], []).append(better)
    found = [
        Institution(one, names[one], sorted(listed, key=_worst), max(better.weight for better in listed))
        for one, listed in offers.items()
    ]
    return sorted(found, key=lambda one: (-one.weight, sort_key(one.name), str(one.id)))


def _worst(better: Better) -> tuple[int, str]:
    return -better.weight, sort_key(better.title)


def _better(row: Mapping[str, Any], today: date, *, own: bool = True) -> Better:
    found = advice(_known(row, today), today)
    return Better(row["id"], row["title"], [Advised(one, _url(one, row, own)) for one in found], weight(found))


def _known(row: Mapping[str, Any], today: date) -> Known:
    eligibility = msgspec.json.decode(row["eligibility"])
    return Known(
        first_step=row["first_step"],
        description=row["description"],
        needs=bool(row["needs"]),
        for_whom=bool(row["audiences"]) or any(eligibility.get(key) for key in _CONDITIONS),
        where=row["placed"] or row["remote"] or bool(row["area"]),
        phone=row["phone"] is not None,
        phone_doubted=row["doubted_at"] is not None,
        phone_confirmed_on=row["confirmed_on"],
        freshness=freshness(warsaw_day(row["as_of"]), row["rhythm"], today).value,
        hours=row["hours"],
        remote=row["remote"],
        in_english=bool(row["title_en"]),
        in_ukrainian=bool(row["title_uk"]),
        accessibility=row["access"],
    )


def _url(one: Advice, row: Mapping[str, Any], own: bool) -> str:
    """Straight to the field: of the offer, of its place, of the institution whose phone it is; or to the number."""
    sites, institution = row["sites"] or [], f"/institutions/{row['institution']}/edit"
    if one.field == "reading":
        return f"/my-offers#offer-{row['id']}" if own else f"/my-offers/{row['id']}"
    if one.field == "phone" and row["phone"] is not None and row["phone_of"] is None:
        return "/my-offers/institution#phone" if own else f"{institution}#phone"
    if one.field == "access" and sites:
        return f"/my-offers/places/{sites[0]}#access"
    if one.field == "hours_text" and len(sites) > 1:
        return f"/my-offers/places/{sites[0]}#hours_text"
    field = "sites" if one.field in ("access", "hours_text") and not sites else one.field
    return f"/my-offers/{row['id']}#{field}"


def first_of(better: Mapping[UUID, Better], most: int) -> list[tuple[str, Advised]]:
    """(title, what to do) for the most helpful things over several offers; what one page puts right counts once.

    Without numbers of places: the page that shows these asks for them by itself.
    """
    found = [
        (one.title, advised) for one in better.values() for advised in one.advised if advised.advice.field != "reading"
    ]
    found.sort(key=lambda pair: -pair[1].advice.weight)
    by_url = {advised.url: (title, advised) for title, advised in reversed(found)}
    return sorted(by_url.values(), key=lambda pair: -pair[1].advice.weight)[:most]
