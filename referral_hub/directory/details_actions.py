"""Keep what only one kind of offer has. History, pending edits and the directory's version go as for any edit."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import connection
from referral_hub.directory.actions import edit_offer
from referral_hub.directory.details import Details, detail_problems, read_details
from referral_hub.directory.ownership import looks_after
from referral_hub.errors import NotFound, Refused


async def save_details(offer: UUID, given: Mapping[str, Any], *, actor: Actor, version: int | None = None) -> int:
    """Replace the details of an offer by `given` (empty values are left out); the version after it.

    Raises NotFound, Stale, Refused("invalid") also for fields that its kind does not have.
    """
    async with connection() as sql:
        row = await sql.fetchrow("select form, institution from offer where id = $1", offer)
    if row is None or not looks_after(actor, row["institution"]):
        raise NotFound
    kept = {name: value for name, value in given.items() if value is not None and value is not False and value != ""}
    problems = detail_problems(row["form"], kept)
    if problems:
        raise Refused("invalid", problems)
    source = "partner" if actor.institution == row["institution"] or actor.kind == "system" else "coordinator"
    return await edit_offer(offer, {"details": kept}, actor=actor, version=version, source=source)


async def details_of(offer: UUID) -> Details | None:
    """The details of an offer as approved; None for an offer without any kind of its own, or none at all."""
    async with connection() as sql:
        row = await sql.fetchrow("select form, details from offer where id = $1", offer)
    return None if row is None else read_details(row["form"], msgspec.json.decode(row["details"]))
