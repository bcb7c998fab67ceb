"""Save what somebody typed over an entry that may have moved meanwhile: merged, or left waiting for approval.

Used by the pages of offers, sites and institutions and by whoever else changes their public texts.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import connection, retrying, transaction
from referral_hub.directory.entries import Entry, read_entry, write_entry
from referral_hub.directory.facts import VISIBILITIES
from referral_hub.directory.gate import missing
from referral_hub.directory.pending import Pending, changed, overlay
from referral_hub.directory.pending_actions import keep_waiting, must_wait, waiting_for
from referral_hub.directory.three_way import Clash, settle, three_way
from referral_hub.errors import Problem, Refused

LONGEST_WHY = 200


class Started(Struct, frozen=True):
    """What a form started from: the values it showed, and theirs where it already showed a clash.

    `values` is None where the form does not say: then the version alone tells whether anything moved.
    """

    version: int | None = None
    values: dict[str, Any] | None = None
    shown: dict[str, Any] = {}


class Saved(Struct, frozen=True):
    """`clashes` is empty where it was saved. `kept`: fields where somebody else's change was kept beside mine.

    `waits`: it waits for the coordinator. `values`: mine as far as it could be merged. `again`: what the next form says
    it started from.
    """

    entry: Entry
    values: dict[str, Any]
    again: str
    kept: list[str]
    clashes: dict[str, Clash]
    waits: bool


class Editing(Struct, frozen=True):
    """An entry in an editor's hands: `values` are the approved ones with what waits laid over them."""

    entry: Entry
    values: dict[str, Any]
    pending: Pending | None
    waits: bool


async def editing(kind: str, row_id: UUID, *, actor: Actor) -> Editing:
    """What an editor's form starts from. Raises NotFound."""
    async with connection() as sql:
        entry = await read_entry(sql, kind, row_id, actor, lock=False)
        pending = await waiting_for(sql, row_id, lock=False)
    waits = must_wait(actor, entry)
    laid = pending.changes if pending and (waits or entry.status == "draft") else {}
    return Editing(entry, overlay(entry.values, laid), pending, waits)


def source_for(actor: Actor, institution: UUID) -> str:
    """As whose word a change counts."""
    return "partner" if actor.institution == institution and actor.kind != "system" else "coordinator"


@retrying
async def save_entry(
    kind: str,
    row_id: UUID,
    mine: Mapping[str, Any],
    *,
    actor: Actor,
    started: Started = Started(),  # noqa: B008 -- a frozen value
    chosen: Mapping[str, str] | None = None,
    why: str = "",
) -> Saved:
    """Save the fields of `mine`; nothing is written while a clash is left.

    Raises NotFound, Refused("invalid") for what cannot be taken, NotAllowed.
    """
    if len(why) > LONGEST_WHY:
        raise Refused("invalid", [Problem("why", "too_long", {"most": LONGEST_WHY, "length": len(why)})])
    async with transaction(actor.scope) as sql:
        entry = await read_entry(sql, kind, row_id, actor)
        pending = await waiting_for(sql, row_id)
        waits = must_wait(actor, entry)
        now = overlay(entry.values, pending.changes) if pending and waits else entry.values
        base = _base(started, entry, now)
        merged = three_way(base, now, mine)
        values, left = settle(merged, chosen or {}, started.shown, now)
        if left:
            return Saved(entry, {**now, **values}, _again(entry, now, base, left), merged.kept, left, waits)
        await _keep_complete(entry, now, values)
        if waits:
            wished = changed(entry.values, overlay(now, values))
            if at_once := hiding(entry.values, wished):
                source = source_for(actor, entry.institution)
                await write_entry(entry, at_once, actor=actor, source=source, why=why)
                entry = await read_entry(sql, kind, row_id, actor)
                wished = changed(entry.values, overlay(now, values))
            await try_out(entry, wished, actor=actor)
            await keep_waiting(sql, entry, wished, actor=actor, why=why, present=pending)
        else:
            wished = changed(entry.values, values)
            await write_entry(entry, wished, actor=actor, source=source_for(actor, entry.institution), why=why)
        return Saved(entry, {**now, **values}, "", merged.kept, {}, waits and bool(wished))


def hiding(before: Mapping[str, Any], wished: Mapping[str, Any]) -> dict[str, Any]:
    """Of what is wished that which tells the public less: who asks to be hidden waits for nobody."""
    fewer = {name: wished[name] for name in ("by_category",) if wished.get(name) is True and not before.get(name)}
    # VISIBILITIES goes from everybody to nobody before an accepted referral; what is no site has none.
    was, seen = (VISIBILITIES.index(one.get("address_visibility", "public")) for one in (before, {**before, **wished}))
    if seen > was:
        fewer["address_visibility"] = VISIBILITIES[seen]
    return fewer


async def _keep_complete(entry: Entry, now: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """What the public sees may not lose what the gate asked for; what it never had (an import) may still be missing."""
    if entry.kind != "offer" or entry.status not in ("published", "closed"):
        return
    before = {problem.field for problem in await lacking(entry, now)}
    fresh = [problem for problem in await lacking(entry, overlay(now, values)) if problem.field not in before]
    if fresh:
        raise Refused("invalid", fresh)


async def lacking(entry: Entry, values: Mapping[str, Any]) -> list[Problem]:
    """What an offer with these values lacks to be shown; a phone of its place or institution serves as its own."""
    async with connection() as sql:
        has_sites = await sql.fetchval(
            "select exists (select 1 from site where institution = $1 and status = 'published')", entry.institution
        )
    phone = values["phone"] or await reachable(entry.institution, [UUID(str(site)) for site in values["sites"]])
    return missing({**values, "phone": phone}, has_sites=has_sites)


async def reachable(institution: UUID, sites: Sequence[UUID] = ()) -> bool:
    """Whether an institution or one of these of its places has a phone."""
    async with connection() as sql:
        return await sql.fetchval(_PHONE, institution, list(sites)) is not None


_PHONE = """select value from contact where institution = $1 and kind in ('phone', 'mobile', 'helpline')
 and (belongs_to is null or belongs_to = any($2::uuid[])) limit 1"""


class _TakeBack(Exception):
    """Ends a trial."""


async def try_out(entry: Entry, wished: Mapping[str, Any], *, actor: Actor) -> None:
    """Let a change that will wait meet the rules it will be accepted by: written in a savepoint, then taken back."""
    try:
        async with transaction(actor.scope):
            await write_entry(entry, wished, actor=actor, source="partner")
            raise _TakeBack
    except _TakeBack:
        return


def _base(started: Started, entry: Entry, now: Mapping[str, Any]) -> Mapping[str, Any]:
    """What both sides started from; with neither values nor the present version everything that differs clashes."""
    if started.values is not None:
        return started.values
    return now if started.version in (None, entry.version) else {}


def _again(entry: Entry, now: Mapping[str, Any], base: Mapping[str, Any], left: Mapping[str, Clash]) -> str:
    """The next form starts from what stands now, but where a choice is left, from where both began."""
    values = {name: value for name, value in now.items() if name not in left}
    values |= {name: base[name] for name in left if name in base}
    return written(entry.version, values, {name: clash.theirs for name, clash in left.items()})


def may_moderate(actor: Actor) -> bool:
    """Whether the actor looks after the whole network."""
    return actor.kind == "system" or (actor.kind == "account" and actor.may(Permission.DIRECTORY_MODERATE))


def written(version: int, values: Mapping[str, Any], shown: Mapping[str, Any] | None = None) -> str:
    """What a form carries of what it started from."""
    return msgspec.json.encode({"version": version, "values": values, "shown": shown or {}}).decode()


def read_started(text: str, version: int | None) -> Started:
    """What a form says it started from; where that is missing or forged beyond reading, its version alone."""
    try:
        told = msgspec.json.decode(text, type=Started) if text else Started(version)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeError):
        return Started(version if version is not None else -1)
    return Started(told.version, _days(told.values), _days(told.shown) or {})


def _days(values: dict[str, Any] | None) -> dict[str, Any] | None:
    if values and isinstance(values.get("visible_from"), str):
        try:
            return {**values, "visible_from": date.fromisoformat(values["visible_from"])}
        except ValueError:
            return {name: value for name, value in values.items() if name != "visible_from"}
    return values
