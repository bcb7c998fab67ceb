"""Carry out a move that was decided: everything it leaves behind goes to the server in one statement."""

from typing import Any
from uuid import UUID

import asyncpg

from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import audit_line
from referral_hub.audit.events import Event
from referral_hub.database.writes import Write, write_all
from referral_hub.errors import Stale
from referral_hub.participants.actions import withdraw_basis
from referral_hub.referrals.aftermath import after_move
from referral_hub.referrals.case import Case, running_of, times_of
from referral_hub.referrals.clocks import Running, clock_after
from referral_hub.referrals.conditions import Facts
from referral_hub.referrals.differing import compare_words
from referral_hub.referrals.disclosing import passed_on, shared_no_more
from referral_hub.referrals.full_answers import FULL
from referral_hub.referrals.history import history_line
from referral_hub.referrals.holding_back import holding
from referral_hub.referrals.holds import apply_places, check_hold, hold_writes
from referral_hub.referrals.lifecycle import Row
from referral_hub.referrals.moves import Step
from referral_hub.referrals.outcomes import Written, write
from referral_hub.referrals.rerouting import reroute
from referral_hub.referrals.states import FINAL, Access, Channel, Clock, Places, State, To, Verb
from referral_hub.referrals.unlisting import unlisting


async def carry_out(
    sql: asyncpg.Connection,
    actor: Actor,
    case: Case,
    step: Step,
    fields: dict[str, Any],
    channel: Channel,
    facts: Facts,
    hold_back: int = 0,
) -> UUID:
    """Make the move inside the caller's transaction; the task to look at next. Raises Stale, Refused `no_place`.

    `hold_back`: the seconds for which a sending can still be taken back (`holding_back.py`).
    """
    row, after = step.row, step.after
    running = _clock(case, row, after, fields, facts)
    written = write(row, after, case, fields, channel=channel, running=running, now=facts.now)
    holds = await _places(sql, case, row, running, fields)
    if row.verb is Verb.WITHDRAW_CONSENT and case["basis"] is not None:
        await withdraw_basis(sql, case["basis"], by=actor.scope)
    new_task = await reroute(sql, case, fields, by=actor.scope, party=row.by) if row.to is To.NEW_DRAFT else None
    if new_task is not None:
        written.facts["replaced_by"] = str(new_task)
    held_back = _stays_in_the_house(case, row, written, hold_back)
    followed = await after_move(sql, actor, case, row, after, channel, written)
    if held_back and row.verb is Verb.SEND:
        followed.append(holding(case["id"], hold_back))
    done = await write_all(
        sql,
        [
            _compare_and_set(case, written),
            *holds,
            *([] if held_back else _disclosures(actor, case, row, written.columns["access"])),
            *_lines(actor, case, row, after, channel, written),
            *unlisting(actor, case, row, after),
            *followed,
        ],
    )
    if done["moved"] is None:
        raise Stale
    if holds:
        check_hold(case, done["held"], override=bool(fields.get("text")))
    if after in FINAL:
        await compare_words(case["id"], by=actor.scope)
    return new_task or UUID(str(case["id"]))


def _stays_in_the_house(case: Case, row: Row, written: Written, hold_back: int) -> bool:
    """Whether the receiver knows nothing after this move: what a move ends before it has left never leaves."""
    held_back = hold_back > 0 and not case["no_data"] if row.verb is Verb.SEND else bool(case["held_back"])
    written.columns["held_back"] = held_back
    if held_back:
        # The line of the sending tells that nobody has seen anything yet.
        written.facts["held_back"] = True
    return held_back


def _clock(case: Case, row: Row, after: State, fields: dict[str, Any], facts: Facts) -> Running:
    return clock_after(
        row.clock,
        running_of(case),
        today=facts.today,
        times=times_of(case),
        review_on=fields.get("review_on"),
        no_data=case["no_data"],
        after=after,
    )


async def _places(
    sql: asyncpg.Connection, case: Case, row: Row, running: Running, fields: dict[str, Any]
) -> list[Write]:
    """A sending's hold goes along with the rest; what other moves do to places is done here."""
    ends_on = None if row.clock is Clock.ASK else running.due_on
    if row.places is Places.HOLD:
        return hold_writes(case, ends_on)
    early, full = bool(fields.get("out_of_order")), row.verb is Verb.WAITLIST or fields.get("reason") == FULL
    await apply_places(sql, row.places, case, ends_on=ends_on, out_of_order=early, full=full)
    return []


def _compare_and_set(case: Case, written: Written) -> Write:
    """Write the columns if nobody has moved the task meanwhile; the new version is answered under `moved`."""
    sets = ", ".join(f"{name} = ${place}" for place, name in enumerate(written.columns, 3))
    text = f"update referral_task set version = version + 1, {sets} where id = $1 and version = $2 returning version"  # noqa: S608 -- names of our own, values are parameters
    values = (case["id"], case["version"], *written.columns.values())
    return Write(text, values, name="moved", gives="version")


def _lines(actor: Actor, case: Case, row: Row, after: State, channel: Channel, written: Written) -> tuple[Write, Write]:
    line = history_line(
        task=case["id"],
        verb=row.verb,
        before=case["state"],
        after=after,
        party=row.by,
        channel=channel,
        by=actor.scope,
        version=case["version"] + 1,
        facts=written.facts,
        words=written.words,
    )
    audited = {"number": case["number"], "row": row.number, "channel": channel}
    return line, audit_line(Event(row.event), by=actor.scope, subject=("referral", case["id"]), facts=audited)


def _disclosures(actor: Actor, case: Case, row: Row, access: str) -> list[Write]:
    """A line for what the receiver comes to know, or for the end of it."""
    if row.access in (Access.SENT, Access.DISCLOSED) and access != "none":
        return passed_on(case, actor.scope, access)
    ends = row.access in (Access.LOST, Access.ENDED) and case["access"] != "none"
    return shared_no_more(case, actor.scope) if ends else []
