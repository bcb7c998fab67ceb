"""„To ta sama osoba”: two entries of one institution become one; the old id and code lead to the new.

Everything that names a participant moves, found in the tables' own metadata. What stays, and why, is said in STAYS.
"""

from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import blind_index, new_id, seal
from referral_hub.database.references import Place, key_columns
from referral_hub.database.transaction import retrying, transaction
from referral_hub.errors import NotAllowed, NotFound, Problem, Refused
from referral_hub.participants.actions import edit_person, seal_groups
from referral_hub.participants.disclosures import PERSON_COLUMNS, open_fields
from referral_hub.participants.person import CONTACT_LENGTH, MOST_GROUPS, MOST_NEEDS
from referral_hub.participants.safe_contact import SafeContact, safer

STAYS: Final[dict[str, str]] = {
    "disclosure.participant": "append-only evidence; read together with the entry it was merged into",
}
MERGED: Final = "merged"
# Plain columns that may hold a participant's id, and which rows of theirs do.
PLAIN: Final[dict[str, str]] = {"link.subject": "kind = 'p'"}


def moving() -> tuple[Place, ...]:
    """Every foreign key to a participant that a merge sets anew; earlier merges lead on to the survivor."""
    return tuple(place for place in key_columns() if place.to == "participant" and place.name not in STAYS)


@retrying
async def merge_people(kept: UUID, merged: UUID, *, actor: Actor) -> None:
    """All of `merged` belongs to `kept` from now on; what `kept` did not know it learns, then `merged` is emptied.

    Raises NotFound, NotAllowed, Refused: `same_entry`, `both_take_part`.
    """
    if not actor.may(Permission.PERSON_EDIT) or actor.institution is None:
        raise NotAllowed
    actor = actor.acting_for(Permission.PERSON_EDIT)
    if kept == merged:
        raise Refused("invalid", [Problem("other", "same_entry")])
    async with transaction(actor.scope) as sql:
        rows = await sql.fetch(
            f"select {PERSON_COLUMNS} from participant where id = any($1::uuid[]) and institution = $2 "  # noqa: S608 -- our columns
            "and merged_into is null order by id for update",
            [kept, merged],
            actor.institution,
        )
        by_id = {row["id"]: row for row in rows}
        if set(by_id) != {kept, merged}:
            raise NotFound
        await _check_participations(sql, kept, merged)
        await _learn(by_id[kept], by_id[merged], actor)
        counts = await _move(sql, kept, merged)
        await _empty(sql, merged, kept)
        if by_id[merged]["closed_at"] is None:
            # Work goes on under the other entry: the one that stays is open again.
            await sql.execute("update participant set closed_at = null, closed_why = '' where id = $1", kept)
        facts = {"merged": str(merged), "moved": counts}
        await record(Event.PERSON_MERGE, by=actor.scope, subject=("participant", kept), facts=facts)


async def _check_participations(sql: asyncpg.Connection, kept: UUID, merged: UUID) -> None:
    """Nobody takes part twice at the same time; somebody has to put the days right first."""
    clash = await sql.fetchval(
        """select true from participation a join participation b on b.participant = $2
        where a.participant = $1 and a.started_on <= coalesce(b.ended_on, 'infinity')
        and b.started_on <= coalesce(a.ended_on, 'infinity') limit 1""",
        kept,
        merged,
    )
    if clash:
        raise Refused("both_take_part")


async def _learn(kept: asyncpg.Record, merged: asyncpg.Record, actor: Actor) -> None:
    """What is empty in the survivor is filled; needs and groups of both count. Nothing is shown to anybody."""
    names = ("contact", "safe_contact", "gmina", "sex", "groups", "needs")
    own, other = open_fields(kept, names), open_fields(merged, names)
    changes: dict[str, object] = {}
    for name in ("contact", "gmina"):
        if name not in own and name in other:
            changes[name] = other[name]
    # Somebody in danger was perhaps written down twice, and only once with care.
    if "safe_contact" in other:
        ours, theirs = (found.get("safe_contact", SafeContact()) for found in (own, other))
        safe = safer(msgspec.convert(ours, SafeContact), msgspec.convert(theirs, SafeContact), CONTACT_LENGTH)
        if safe != ours:
            changes["safe_contact"] = safe
    if kept["sex"] == "not_stated" and merged["sex"] != "not_stated":
        changes["sex"] = merged["sex"]
    for name, most in (("groups", MOST_GROUPS), ("needs", MOST_NEEDS)):
        mine, more = _codes(own.get(name)), _codes(other.get(name))
        if set(more) - set(mine):
            changes[name] = [*mine, *(code for code in more if code not in mine)][:most]
    if changes:
        await edit_person(kept["id"], actor=actor, **changes)


def _codes(value: object) -> list[str]:
    return msgspec.convert(value or [], list[str])


async def _move(sql: asyncpg.Connection, kept: UUID, merged: UUID) -> dict[str, int]:
    """`table.column` → how many rows moved."""
    counts: dict[str, int] = {}
    plain = [(*name.split("."), condition) for name, condition in PLAIN.items()]
    for table, column, condition in [*((place.table, place.column, "true") for place in moving()), *plain]:
        done = await sql.execute(
            f"update {table} set {column} = $2 where {column} = $1 and {condition}",  # noqa: S608 -- names of ours, from the tables' metadata
            merged,
            kept,
        )
        if moved := int(done.rpartition(" ")[2]):
            counts[f"{table}.{column}"] = moved
    return counts


async def _empty(sql: asyncpg.Connection, merged: UUID, kept: UUID) -> None:
    """The merged entry stays as a signpost only: its code and id lead on, nothing else of it is kept."""
    await sql.execute(
        """update participant set merged_into = $2, label_sealed = $3, label_index = $4, contact_sealed = null,
         safe_contact_sealed = null, groups_sealed = $5, needs = '{}', gmina = '', sex = 'not_stated',
         closed_at = coalesce(closed_at, $6), closed_why = $7 where id = $1""",
        merged,
        kept,
        seal(""),
        blind_index(str(new_id())),
        seal_groups(()),
        clock.now(),
        MERGED,
    )
