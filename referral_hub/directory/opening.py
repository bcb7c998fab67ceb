"""A new offer or a further place; where edits wait, neither is public until the coordinator agrees."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import retrying, transaction
from referral_hub.directory.actions import OfferFacts, SiteFacts, add_offer, add_site, edit_site
from referral_hub.directory.contact_forms import read_contacts
from referral_hub.directory.entries import COLUMNS, CONTACTS, PARTS, Entry, read_entry
from referral_hub.directory.pending_actions import keep_waiting, waiting_for
from referral_hub.directory.saving import lacking, may_moderate, source_for
from referral_hub.errors import Refused
from referral_hub.institutions.actions import set_contacts
from referral_hub.web.forms import Form


class Opened(Struct, frozen=True):
    """A new entry; `waits`: it waits for the coordinator to be shown."""

    entry: Entry
    waits: bool


@retrying
async def open_site(institution: UUID, given: Mapping[str, Any], *, actor: Actor) -> bool:
    """Add a place with the values of a site's form; whether it waits for the coordinator.

    Raises NotFound for somebody else's institution, Refused.
    """
    columns = {name: value for name, value in given.items() if name in SiteFacts.__struct_fields__}
    overall = {"answer": given.get("access", "unknown"), "text": given.get("access_text", "")}
    async with transaction(actor.scope) as sql:
        waits = await _edits_wait(sql, institution, actor)
        facts = SiteFacts(
            **columns,
            main=False,
            accessibility={"overall": overall} if overall["answer"] != "unknown" or overall["text"] else {},
            # Until it is approved it is put away, and what waits is that it be shown.
            status="archived" if waits else "published",
        )
        made = await add_site(institution, facts, actor=actor, source=source_for(actor, institution))
        if waits:
            entry = await read_entry(sql, "site", made, actor)
            await keep_waiting(sql, entry, {"status": "published"}, actor=actor, why="", present=None)
    return waits


@retrying
async def open_offer(institution: UUID, given: Mapping[str, Any], *, actor: Actor, publish: bool) -> Opened:
    """Add an offer with the values of its form, as a draft or (nothing missing) in the directory.

    Raises NotFound for somebody else's institution, Refused("invalid").
    """
    columns = {name: given[name] for name in COLUMNS["offer"] if name in given}
    parts = {key: given[name] for name, key in PARTS.items() if given.get(name) not in (None, "", False)}
    sites, source = [UUID(site) for site in given.get("sites", ())], source_for(actor, institution)
    async with transaction(actor.scope) as sql:
        waits = publish and await _edits_wait(sql, institution, actor)
        status = "published" if publish and not waits else "draft"
        facts = OfferFacts(**columns, eligibility=parts, status=status)
        made = await add_offer(institution, facts, actor=actor, sites=sites, source=source)
        form = Form({name: given.get(name, "") for name in CONTACTS})
        contacts = read_contacts(form)
        await set_contacts(institution, contacts, by=actor.scope, source=source, belongs_to=made)
        if len(sites) == 1:
            await _tell_hours(sql, sites[0], given.get("hours_text", ""), actor=actor, source=source)
        entry = await read_entry(sql, "offer", made, actor)
        problems = [*form.problems, *(await lacking(entry, entry.values) if publish else ())]
        if problems:
            raise Refused("invalid", problems)
        if waits:
            await keep_waiting(sql, entry, {"status": "published"}, actor=actor, why="", present=None)
    return Opened(entry, waits)


async def _tell_hours(sql: asyncpg.Connection, site: UUID, text: str, *, actor: Actor, source: str) -> None:
    """Hours typed with an offer are those of its place, which other offers share: nothing typed empties none."""
    entry = await read_entry(sql, "site", site, actor)
    if not text or text == entry.values["hours_text"]:
        return
    if await _edits_wait(sql, entry.institution, actor):
        pending = await waiting_for(sql, site)
        changes = {**(pending.changes if pending else {}), "hours_text": text}
        await keep_waiting(sql, entry, changes, actor=actor, why="", present=pending)
    else:
        await edit_site(site, {"hours_text": text}, actor=actor, source=source)


async def _edits_wait(sql: asyncpg.Connection, institution: UUID, actor: Actor) -> bool:
    waits = await sql.fetchval("select edits_wait from institution where id = $1", institution)
    return bool(waits) and not may_moderate(actor)
