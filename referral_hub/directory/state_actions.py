"""Move an offer from state to state: draft, scheduled, published, closed for a time, archived. One transaction each."""

from datetime import date
from uuid import UUID

from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR, Actor
from referral_hub.database.transaction import SYSTEM, retrying, transaction
from referral_hub.directory.actions import edit_offer
from referral_hub.directory.entries import read_entry
from referral_hub.directory.pending import changed
from referral_hub.directory.pending_actions import keep_waiting, waiting_for, withdraw_all
from referral_hub.directory.saving import lacking, may_moderate, source_for
from referral_hub.directory.states import Move, State, Verb, columns, day_problems, move_for, state_of
from referral_hub.errors import NotFound, Problem, Refused

LONGEST_WORD = 200
CLOCK = "hub"
"""The source of a change that the calendar made."""


class Moved(Struct, frozen=True):
    """Where the offer is now, or (`waits`) where it will be once the coordinator agrees."""

    institution: UUID
    state: State
    waits: bool


@retrying
async def move_offer(
    offer: UUID, verb: str, *, actor: Actor, day: date | None = None, word: str = "", source: str = ""
) -> Moved:
    """Do `verb` to an offer. `day`: the first day it is shown, or opens again; `word`: why it is closed.

    Raises NotFound, Refused: `move_not_possible` in this state, `invalid` with what is missing or wrong with the day.
    """
    today = clock.today()
    async with transaction(actor.scope) as sql:
        entry = await read_entry(sql, "offer", offer, actor)
        move = move_for(verb, state_of(entry.row, today), "clock" if actor.kind == "system" else "editor")
        # The hub itself (an import, the demonstration) may do what an editor may.
        move = move or move_for(verb, state_of(entry.row, today))
        if move is None:
            raise Refused("move_not_possible")
        problems = day_problems(move, day, today) + _word_problems(word)
        problems += await lacking(entry, entry.values) if move.gate else []
        if problems:
            raise Refused("invalid", problems)
        changes = columns(move, day=day, why=word)
        if move.waits and entry.waits and not may_moderate(actor):
            wished = changed(entry.values, {name: changes[name] for name in ("status", "visible_from")})
            await keep_waiting(sql, entry, wished, actor=actor, why="", present=await waiting_for(sql, offer))
            return Moved(entry.institution, move.after, True)
        if move.after is State.ARCHIVED:
            await withdraw_all(sql, offer, actor)
        await edit_offer(offer, changes, actor=actor, source=source or source_for(actor, entry.institution))
    return Moved(entry.institution, move.after, False)


def _word_problems(word: str) -> list[Problem]:
    if len(word) <= LONGEST_WORD:
        return []
    return [Problem("closed_why", "too_long", {"most": LONGEST_WORD, "length": len(word)})]


async def turn_states() -> int:
    """What the calendar does: scheduled offers whose day has come, closed ones that open again; how many.

    Each in a transaction of its own, so that one that cannot move (put away meanwhile) holds up no other.
    """
    today, done = clock.today(), 0
    async with transaction(SYSTEM) as sql:
        rows = await sql.fetch(
            """select id, status from offer where (status = 'closed' and closed_until <= $1)
            or (status = 'published' and visible_from <= $1) order by id""",
            today,
        )
    for row in rows:
        done += await _turn(row["id"], today)
    return done


@retrying
async def _turn(offer: UUID, today: date) -> int:
    async with transaction(SYSTEM) as sql:
        row = await sql.fetchrow("select status, visible_from, closed_until from offer where id = $1 for update", offer)
        if row is None or state_of(row, today) is not State.PUBLISHED:
            return 0
        move: Move | None = move_for(Verb.REOPEN, State.CLOSED, "clock")
        if row["status"] == "published":
            move = move_for(Verb.PUBLISH, State.SCHEDULED, "clock")
        if move is None:
            raise NotFound
        await edit_offer(offer, columns(move, day=None, why=""), actor=SYSTEM_ACTOR, source=CLOCK)
    return 1
