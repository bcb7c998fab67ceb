"""The directory's rows read for the read model: every published institution, its sites, contacts and
offers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec.structs import replace

from referral_hub.directory.capacity import CAPACITY_COLUMNS, CAPACITY_JOINS, capacity, warsaw_day
from referral_hub.directory.cards import (
    Address,
    Away,
    Card,
    Contact,
    Known,
    Notice,
    Partner,
    Site,
    open_or_closed,
    taken_in,
)
from referral_hub.directory.confidential import Secret, by_category, card_without, partner_without, secret_of
from referral_hub.directory.hours import from_stored
from referral_hub.vocabularies.book import forms_for, needs_for

_OFFERS = f"""select o.*, {CAPACITY_COLUMNS}, o.status as offer_status,
 (select array_agg(s.site) from offer_site s where s.offer = o.id) as site_ids
 from offer o join institution i on i.id = o.institution {CAPACITY_JOINS}
 where o.status in ('published', 'closed') and i.status = 'published'
 and (o.visible_from is null or o.visible_from <= $1) and ($2::uuid[] is null or o.institution = any($2))
 order by o.id"""  # noqa: S608 -- columns of ours
_INSTITUTIONS = "select * from institution where status = 'published' and ($1::uuid[] is null or id = any($1))"
# Hours changed after they were confirmed are not confirmed.
_SITES = """select s.*, h.confirmed_on as hours_on, h.how as hours_how
 from site s join institution i on i.id = s.institution
 left join lateral (select f.confirmed_on, f.how from field_confirmation f
  where f.subject = s.id and f.field = 'hours_text' and s.hours_text <> ''
  and not exists (select 1 from field_source c where c.subject = s.id and c.field = f.field and c.at > f.at)
  order by f.confirmed_on desc, f.at desc limit 1) h on true
 where s.status = 'published' and i.status = 'published' and ($1::uuid[] is null or s.institution = any($1))
 order by s.main desc, s.place, s.id"""
_CONTACTS = """select institution, belongs_to, kind, value, extension, label, confirmed_on, confirmed_how, doubted_at
 from contact
 where visibility = 'public' and ($1::uuid[] is null or institution = any($1)) order by position, id"""
_AWAY = """select institution, from_on, until_on, replacement, phone, email from absence
 where account is null and ended_at is null and until_on >= $1 and ($2::uuid[] is null or institution = any($2))
 order by from_on, id"""
# Those to come too: what begins on another day is shown by that day's copy without reading again.
_NOTICES = """select institution, belongs_to, text, from_on, until_on from notice
 where ended_at is null and until_on >= $1 and ($2::uuid[] is null or institution = any($2)) order by from_on, id"""
_SOURCES = """select institution, source || ':' || source_id as name, made from source_record
 where institution is not null and ($1::uuid[] is null or institution = any($1)) order by 2"""


class Rows(msgspec.Struct, frozen=True):
    """Cards and partners by id (text)."""

    cards: dict[str, Card]
    partners: dict[str, Partner]


async def read_rows(sql: asyncpg.Connection, today: date, institutions: Sequence[UUID] | None = None) -> Rows:
    """What is published, of the named institutions or (None) of all."""
    only = list(institutions) if institutions is not None else None
    found = [await sql.fetch(query, only) for query in (_SITES, _CONTACTS, _SOURCES, _INSTITUTIONS)]
    offers, away, notices = [await sql.fetch(query, today, only) for query in (_OFFERS, _AWAY, _NOTICES)]
    sites, contacts, sources, rows = found
    return put_together(sites, contacts, sources, rows, offers, today, away, notices)


def put_together(
    sites: Sequence[Mapping[str, Any]],
    contacts: Iterable[Mapping[str, Any]],
    sources: Iterable[Mapping[str, Any]],
    institutions: Iterable[Mapping[str, Any]],
    offers: Sequence[Mapping[str, Any]],
    today: date,
    absences: Iterable[Mapping[str, Any]] = (),
    notices: Iterable[Mapping[str, Any]] = (),
) -> Rows:
    """Cards from rows; takes no connection, so that it can run beside the event loop."""
    sites_of: dict[UUID, list[Site]] = defaultdict(list)
    secrets_of: dict[str, list[Secret]] = defaultdict(list)
    for row in sites:
        sites_of[row["institution"]].append(_site(row))
        if row["address_visibility"] != "public":
            secrets_of[str(row["institution"])].append(secret_of(row))
    contacts_of: dict[UUID, list[Contact]] = defaultdict(list)
    # A number given for a draft, or for what is over, waits with it.
    shown = {None, *(row["id"] for row in sites), *(row["id"] for row in offers)}
    for row in contacts:
        if row["belongs_to"] in shown:
            contacts_of[row["institution"]].append(_contact(row))
    away_of: dict[UUID, list[Away]] = defaultdict(list)
    for row in absences:
        away_of[row["institution"]].append(_away(row))
    notices_of: dict[UUID, list[Notice]] = defaultdict(list)
    for row in notices:
        notices_of[row["institution"]].append(_notice(row))
    of_institution, of_offer = _source_ids(sources)
    partners = {
        row["id"]: _partner(
            row,
            sites_of[row["id"]],
            contacts_of[row["id"]],
            of_institution.get(row["id"], ()),
            away_of.get(row["id"], ()),
            notices_of.get(row["id"], ()),
        )
        for row in institutions
    }
    cards = [
        (_card(row, partners[row["institution"]], of_offer, today), row)
        for row in offers
        if row["institution"] in partners
    ]
    return _faces(partners.values(), cards, secrets_of)


def _faces(
    partners: Iterable[Partner], cards: Iterable[tuple[Card, Mapping[str, Any]]], secrets_of: Mapping[str, list[Secret]]
) -> Rows:
    """The public faces of all, with the whole beside it where they differ."""
    cards = list(cards)
    by_category_only = frozenset(card.id for card, row in cards if row["by_category"])
    shown: dict[str, Partner] = {}
    for partner in partners:
        secrets = secrets_of.get(partner.id, [])
        whole = partner_without(partner, [one for one in secrets if one.from_staff], frozenset())
        public = partner_without(whole, secrets, by_category_only)
        shown[partner.id] = public if public == whole else replace(public, whole=whole)
    faces = {}
    for card, row in cards:
        partner, secrets = shown[card.partner.id], secrets_of.get(card.partner.id, [])
        whole_card = card_without(card, partner.whole or partner, [one for one in secrets if one.from_staff])
        public_card = card_without(whole_card, partner, secrets)
        face = public_card if public_card == whole_card else replace(public_card, whole=whole_card)
        faces[card.id] = by_category(face) if row["by_category"] else face
    return Rows(faces, shown)


def _site(row: Mapping[str, Any]) -> Site:
    hidden = row["address_visibility"] != "public"
    address = Address(row["street"], row["post_code"], row["lat"], row["lon"], row["travel"])
    return Site(
        id=str(row["id"]),
        name=row["name"],
        place=row["place"],
        terc=row["terc"],
        hours_text=row["hours_text"],
        week=from_stored(_json(row["hours"])),
        accessibility=_json(row["accessibility"]),
        main=row["main"],
        hidden=hidden,
        address=None if hidden else address,
        # One told after an accepted referral is not for every member of staff: the referral's page has it.
        staff_address=None if row["address_visibility"] == "accepted" else address,
        hours_known=Known(row["hours_on"], row["hours_how"]) if row["hours_on"] else None,
    )


def _contact(row: Mapping[str, Any]) -> Contact:
    owner = str(row["belongs_to"]) if row["belongs_to"] else None
    known = Known(row["confirmed_on"], row["confirmed_how"] or "import") if row["confirmed_on"] else None
    doubted = warsaw_day(row["doubted_at"])
    return Contact(row["kind"], row["value"], row["extension"], row["label"], owner, known, doubted)


def _away(row: Mapping[str, Any]) -> Away:
    number, _, extension = row["phone"].partition(",")
    phone = Contact("phone", number, extension) if number else None
    return Away(row["from_on"], row["until_on"], row["replacement"], phone, row["email"])


def _notice(row: Mapping[str, Any]) -> Notice:
    about = str(row["belongs_to"]) if row["belongs_to"] else None
    return Notice(row["text"], row["from_on"], row["until_on"], about)


def _partner(
    row: Mapping[str, Any],
    sites: Sequence[Site],
    contacts: Sequence[Contact],
    source_ids: Iterable[str],
    away: Iterable[Away],
    notices: Iterable[Notice],
) -> Partner:
    return Partner(
        id=str(row["id"]),
        kind=row["kind"],
        name=row["name"],
        short_name=row["short_name"],
        sort_key=row["sort_key"],
        description=row["description"],
        example=row["example"],
        terc=row["terc"],
        contacts=tuple(contacts),
        source_ids=tuple(source_ids),
        sites=tuple(sites),
        away=tuple(away),
        notices=tuple(notices),
    )


def _card(row: Mapping[str, Any], partner: Partner, source_ids: Mapping[str, Sequence[str]], today: date) -> Card:
    wanted = {str(site) for site in row["site_ids"] or ()}
    name, status = str(row["id"]), open_or_closed(row["offer_status"], row["closed_until"], today)
    return Card(
        id=name,
        partner=partner,
        form=row["form"],
        titles=_spoken(row, "title"),
        descriptions=_spoken(row, "description"),
        needs=tuple(row["needs"]) or _needs_of(row["form"]),
        audiences=tuple(row["audiences"]),
        languages=tuple(row["languages"]),
        eligibility=_json(row["eligibility"]),
        area=tuple(row["area"]),
        remote=row["remote"],
        first_step=row["first_step"],
        papers=row["papers"],
        cost=row["cost"],
        stipend=row["stipend"],
        insurance=row["insurance"],
        intake_mode=row["intake_mode"],
        sensitive=row["sensitive"],
        status=status,
        unit=row["unit"],
        sites=tuple(site for site in partner.sites if site.id in wanted),
        source_ids=tuple(source_ids.get(name, ())),
        source_text=row["source_text"],
        reading=_reading(row),
        rhythm=row["rhythm"],
        capacity=taken_in(capacity(row, row["rhythm"], today), status),
        closed_until=row["closed_until"] if status == "closed" else None,
        closed_why=row["closed_why"] if status == "closed" else "",
    )


_READING = (
    "places_free", "held", "taken_since", "maximum", "waiting", "as_of", "said", "free_women", "free_men",
    "from_when", "reading_source",
)  # fmt: skip


def _reading(row: Mapping[str, Any]) -> dict[str, Any]:
    """What `capacity` needs again when the day changes, and the details a page shows."""
    return {name: row[name] for name in _READING}


def _needs_of(form: str) -> tuple[str, ...]:
    """The needs a form answers first of all; where it is nobody's first answer, those it also answers."""
    needs = needs_for(form)
    return tuple(need for need in needs if forms_for(need).get(form) == 1) or needs


def _spoken(row: Mapping[str, Any], field: str) -> dict[str, str]:
    found = {"pl": row[field], "en": row[f"{field}_en"], "uk": row[f"{field}_uk"]}
    return {language: text for language, text in found.items() if text}


def _source_ids(rows: Iterable[Mapping[str, Any]]) -> tuple[dict[UUID, list[str]], dict[str, list[str]]]:
    """`NAME:id` of every merged row, by institution and by offer (the offers a row made are in its
    `made`)."""
    of_institution: dict[UUID, list[str]] = defaultdict(list)
    of_offer: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        of_institution[row["institution"]].append(row["name"])
        made = _json(row["made"]).get("offers", ())
        for offer in made.values() if isinstance(made, dict) else made:
            of_offer[str(offer)].append(row["name"])
    return of_institution, of_offer


def _json(value: Any) -> Any:
    return msgspec.json.decode(value) if isinstance(value, str | bytes) else value
