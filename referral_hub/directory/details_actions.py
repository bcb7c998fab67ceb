"""Keep what only one kind of offer has. History and changes that wait for approval go as for every entry."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import connection
from referral_hub.directory.details import Details, detail_problems, read_details
from referral_hub.directory.entries import entry_of
from referral_hub.directory.saving import Saved, Started, save_entry
from referral_hub.errors import Refused, Stale


async def save_details(offer: UUID, given: Mapping[str, Any], *, actor: Actor, version: int | None = None) -> Saved:
    """Replace the details of an offer by `given` (empty values are left out).

    Raises NotFound, Stale, Refused("invalid") also for fields that its kind does not have.
    """
    entry = await entry_of("offer", offer, actor)
    kept = {name: value for name, value in given.items() if value is not None and value is not False and value != ""}
    problems = detail_problems(entry.values["form"], kept)
    if problems:
        raise Refused("invalid", problems)
    saved = await save_entry("offer", offer, {"details": kept}, actor=actor, started=Started(version))
    if saved.clashes:
        raise Stale
    return saved


async def details_of(offer: UUID) -> Details | None:
    """The details of an offer as approved; None for an offer without any kind of its own, or none at all."""
    async with connection() as sql:
        row = await sql.fetchrow("select form, details from offer where id = $1", offer)
    return None if row is None else read_details(row["form"], msgspec.json.decode(row["details"]))
