"""Questions of those who keep the directory true: an institution on its own offers and sites."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from msgspec import structs

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import connection
from referral_hub.directory.capacity import CAPACITY_COLUMNS, CAPACITY_JOINS, Capacity, capacity, warsaw_day
from referral_hub.directory.freshness import due
from referral_hub.directory.ownership import looks_after
from referral_hub.directory.proposals import open_proposals
from referral_hub.directory.schemas import OwnOffer, OwnSite
from referral_hub.errors import NotFound
from referral_hub.institutions.actions import NewContact
from referral_hub.vocabularies.book import counted
from referral_hub.vocabularies.words import sort_key

OFFERS = f"""select o.id, o.institution, o.title, o.form, o.status, o.visible_from, o.rhythm, {CAPACITY_COLUMNS}
from offer o {CAPACITY_JOINS}"""  # noqa: S608 -- constants of ours
"""What `own_of` reads, up to its `where`."""


async def offers_of(institution: UUID) -> list[OwnOffer]:
    """Offers of an institution that are not archived: those that ask come first, of them those with an old number."""
    today = clock.today()
    async with connection() as sql:
        rows = await sql.fetch(f"{OFFERS} where o.institution = $1 and o.status <> 'archived'", institution)
        proposed = await open_proposals([row["id"] for row in rows])
    own = (structs.replace(own_of(row, today), proposed=proposed.get(row["id"])) for row in rows)
    return sorted(own, key=lambda offer: (not offer.asks, offer.asks and offer.still is None, sort_key(offer.title)))


async def reported_offers(institution: UUID) -> list[OwnOffer]:
    """Published offers of an institution, those due first: what a capacity link is for."""
    return [offer for offer in await offers_of(institution) if offer.status == "published"]


async def own_offer(offer: UUID, actor: Actor) -> OwnOffer:
    """One offer the actor looks after. Raises NotFound."""
    async with connection() as sql:
        row = await sql.fetchrow(f"{OFFERS} where o.id = $1", offer)
    if row is None or not looks_after(actor, row["institution"]):
        raise NotFound
    return own_of(row, clock.today())


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
    """Sites of an institution that are not archived, or wait to be shown for the first time; the main one first."""
    async with connection() as sql:
        rows = await sql.fetch(
            """select s.* from site s where institution = $1 and (status <> 'archived' or exists (
             select 1 from pending_edit p where p.subject = s.id and p.state = 'waiting'))
            order by main desc, place, street, id""",
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
        row = await sql.fetchrow(f"{OFFERS} where o.id = $1", offer)
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
            order by failing_since is not null, belongs_to is not null, position, value limit 1""",
            institution,
        )
    return str(found or "")


def own_of(row: Mapping[str, Any], today: date) -> OwnOffer:
    """An offer from a row of OFFERS."""
    reported, taken = row["places_free"], row["taken_since"] or 0
    shown_from = row.get("visible_from")
    shown = row["status"] == "published" and (shown_from is None or shown_from <= today)
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
        due=shown
        and (reported is not None or counted(row["form"]))
        and due(warsaw_day(row["as_of"]), row["rhythm"], today),
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
