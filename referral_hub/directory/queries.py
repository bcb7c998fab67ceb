"""Questions of those who keep the directory true: an institution on its own offers, a coordinator on silence."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import connection
from referral_hub.directory.capacity import CAPACITY_COLUMNS, CAPACITY_JOINS, Capacity, capacity, warsaw_day
from referral_hub.directory.freshness import due, silent
from referral_hub.directory.ownership import looks_after
from referral_hub.directory.schemas import OwnOffer, OwnSite, Phone, SilentPartner
from referral_hub.errors import NotFound
from referral_hub.institutions.actions import NewContact
from referral_hub.institutions.phones import pretty
from referral_hub.vocabularies.words import sort_key

_OFFERS = f"""select o.id, o.institution, o.title, o.form, o.status, o.rhythm, {CAPACITY_COLUMNS}
from offer o {CAPACITY_JOINS}"""  # noqa: S608 -- constants of ours


async def offers_of(institution: UUID) -> list[OwnOffer]:
    """Offers of an institution that are not archived: those due first, then by title."""
    today = clock.today()
    async with connection() as sql:
        rows = await sql.fetch(f"{_OFFERS} where o.institution = $1 and o.status <> 'archived'", institution)
    return sorted((_own(row, today) for row in rows), key=lambda offer: (not offer.due, sort_key(offer.title)))


async def reported_offers(institution: UUID) -> list[OwnOffer]:
    """Published offers of an institution, those due first: what a capacity link is for."""
    return [offer for offer in await offers_of(institution) if offer.status == "published"]


async def own_offer(offer: UUID, actor: Actor) -> OwnOffer:
    """One offer the actor looks after. Raises NotFound."""
    async with connection() as sql:
        row = await sql.fetchrow(f"{_OFFERS} where o.id = $1", offer)
    if row is None or not looks_after(actor, row["institution"]):
        raise NotFound
    return _own(row, clock.today())


async def offer_facts(offer: UUID, actor: Actor) -> dict[str, Any]:
    """Every column of an offer the actor looks after, with `sites` and the offer's own phone. Raises NotFound."""
    async with connection() as sql:
        row = await sql.fetchrow("select * from offer where id = $1", offer)
        if row is None or not looks_after(actor, row["institution"]):
            raise NotFound
        sites = await sql.fetch("select site from offer_site where offer = $1", offer)
        contacts = await sql.fetch(
            "select kind, value, extension from contact where belongs_to = $1 order by position", offer
        )
    facts = dict(row)
    facts["eligibility"] = msgspec.json.decode(facts["eligibility"])
    facts["sites"] = [site["site"] for site in sites]
    facts["contacts"] = [NewContact(**dict(contact)) for contact in contacts]
    return facts


async def sites_of(institution: UUID) -> list[OwnSite]:
    """Sites of an institution that are not archived, the main one first."""
    async with connection() as sql:
        rows = await sql.fetch(
            "select * from site where institution = $1 and status <> 'archived' order by main desc, place, street, id",
            institution,
        )
    return [_site(row) for row in rows]


async def own_site(site: UUID, actor: Actor) -> OwnSite:
    """One site the actor looks after. Raises NotFound."""
    async with connection() as sql:
        row = await sql.fetchrow("select * from site where id = $1", site)
    if row is None or not looks_after(actor, row["institution"]):
        raise NotFound
    return _site(row)


async def capacity_of(offer: UUID) -> Capacity:
    """The capacity object of an offer. Raises NotFound."""
    async with connection() as sql:
        row = await sql.fetchrow(f"{_OFFERS} where o.id = $1", offer)
    if row is None:
        raise NotFound
    return capacity(row, row["rhythm"], clock.today())


async def institution_name(institution: UUID) -> str:
    """Its name, for a page's head. Raises NotFound."""
    async with connection() as sql:
        name = await sql.fetchval("select name from institution where id = $1", institution)
    if name is None:
        raise NotFound
    return str(name)


async def mail_address(institution: UUID) -> str:
    """Where an institution gets our mail, '' if it has no address."""
    async with connection() as sql:
        found = await sql.fetchval(
            """select value from contact where institution = $1 and kind = 'email'
            order by belongs_to is not null, position, value limit 1""",
            institution,
        )
    return str(found or "")


_INSTITUTIONS_DUE = f"""select o.institution, i.name, i.kind, i.language, o.id, o.title, o.form, o.status, o.rhythm,
 {CAPACITY_COLUMNS}
from offer o join institution i on i.id = o.institution {CAPACITY_JOINS}
where o.status = 'published' and i.status = 'published'"""  # noqa: S608 -- constants of ours


async def due_institutions() -> dict[UUID, list[OwnOffer]]:
    """Published offers whose number should be confirmed now, by institution."""
    today, found = clock.today(), dict[UUID, list[OwnOffer]]()
    async with connection() as sql:
        for row in await sql.fetch(_INSTITUTIONS_DUE):
            if due(warsaw_day(row["as_of"]), row["rhythm"], today):
                found.setdefault(row["institution"], []).append(_own(row, today))
    return found


_CALLS = """select distinct on (institution) institution, at, heard, again_on from call_note
order by institution, at desc, id desc"""
_PHONES = """select institution, value, extension, label from contact
where institution = any($1::uuid[]) and kind in ('phone', 'mobile', 'helpline')
order by institution, belongs_to is not null, position, value"""


async def silent_partners() -> tuple[list[SilentPartner], list[SilentPartner]]:
    """(to call now, to call another day): institutions with an offer whose number is too old or was never given.

    The longest silent come first; those nobody answered wait until the day noted.
    """
    today = clock.today()
    async with connection() as sql:
        offers: dict[UUID, list[OwnOffer]] = {}
        names: dict[UUID, tuple[str, str]] = {}
        for row in await sql.fetch(_INSTITUTIONS_DUE):
            if silent(warsaw_day(row["as_of"]), row["rhythm"], today):
                offers.setdefault(row["institution"], []).append(_own(row, today))
                names[row["institution"]] = (row["name"], row["kind"])
        calls = {row["institution"]: row for row in await sql.fetch(_CALLS)}
        phones: dict[UUID, list[Phone]] = {}
        for row in await sql.fetch(_PHONES, list(offers)):
            number = pretty(row["value"]) + (f" w. {row['extension']}" if row["extension"] else "")
            phones.setdefault(row["institution"], []).append(Phone(number, row["label"]))
    now: list[SilentPartner] = []
    later: list[SilentPartner] = []
    for institution, silent_offers in offers.items():
        call: Mapping[str, Any] = calls.get(institution, {})
        again_on = call.get("again_on")
        partner = SilentPartner(
            institution,
            *names[institution],
            phones.get(institution, []),
            sorted(silent_offers, key=lambda offer: sort_key(offer.title)),
            call.get("heard", ""),
            call.get("at"),
        )
        (later if again_on is not None and again_on > today else now).append(partner)
    return sorted(now, key=_silence), sorted(later, key=_silence)


def _silence(partner: SilentPartner) -> tuple[date, str]:
    """Those who once told and fell silent longest ago first; those who never told after them, by name."""
    days = [offer.capacity.as_of for offer in partner.offers if offer.capacity.as_of]
    return (min(days, default=date.max), sort_key(partner.name))


def _own(row: Mapping[str, Any], today: date) -> OwnOffer:
    reported, taken = row["places_free"], row["taken_since"] or 0
    return OwnOffer(
        id=row["id"],
        institution=row["institution"],
        title=row["title"],
        form=row["form"],
        status=row["status"],
        rhythm=row["rhythm"],
        capacity=capacity(row, row["rhythm"], today),
        still=None if reported is None else max(0, reported - taken),
        taken_since=taken,
        due=row["status"] == "published" and due(warsaw_day(row["as_of"]), row["rhythm"], today),
        source=row["reading_source"] or "",
        reading=row["reading"],
        recorded_at=row["recorded_at"],
        free_women=row["free_women"],
        free_men=row["free_men"],
        from_when=row["from_when"],
    )


def _site(row: Mapping[str, Any]) -> OwnSite:
    values = {name: row[name] for name in OwnSite.__struct_fields__}
    values["hours"] = msgspec.json.decode(values["hours"])
    return OwnSite(**values)
