"""Every move of a referral goes through `perform`: one transaction for state, places, access, history, audit, mail.

    draft(*, actor, person, offer, need, priority="ordinary", basis=None, note="") -> UUID     the task's id
        basis: {"kind": statute|consent|vital_interest|no_data, "ground": code or words, "until"?: date, "fields"?: […]}
        together=True: others may be asked side by side; papers: referrals.papers.Papers
    ask_also(request, *, actor, offer, basis=None, note="", together=False) -> UUID     another receiver, own basis
    edit_draft(task, *, actor, version, basis=None, note=None, priority=None)
    perform(task, *, actor, verb, version, fields={}, channel="self") -> UUID    the task; after reroute the new one
        fields are those the row's `needs` name, as text or typed; channel: self | phone | paper | person
        booked=True instead of a channel: the day comes from the receiver's own timetable
        in_house=True: an own caseworker takes the person on for the own house; refused where sender and receiver differ
    mark_seen(task, *, actor)                 the receiver opened it; the sender read how it ended
    give_feedback(task, *, actor, got_help, treated_well, words="", share_with_sender=False)
    note_unmet_need(*, actor, need, gmina="")                nobody offers what is needed

Refusals: NotFound, NotAllowed (`move_belongs_to_others`, `move_belongs_to_clock`), Stale, Refused with the name of
the condition, or `invalid` with every problem of the fields. `queries.py` and `worklist.py` answer questions.
"""

from collections.abc import Mapping
from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import retrying, transaction
from referral_hub.errors import HubError, NotAllowed, NotFound, Problem, Refused, Stale
from referral_hub.referrals.carrying_out import carry_out
from referral_hub.referrals.case import (
    Case,
    facts_of,
    has_code,
    in_each_role,
    load_case,
    may_see_data,
    standing,
    state_before_cancel,
)
from referral_hub.referrals.conditions import Facts
from referral_hub.referrals.draft_edits import edit_draft
from referral_hub.referrals.drafts import ask_also, draft
from referral_hub.referrals.feedback import give_feedback, note_unmet_need
from referral_hub.referrals.fields import read_fields
from referral_hub.referrals.grounds import set_basis, shares_criminal_data
from referral_hub.referrals.lifecycle import Row
from referral_hub.referrals.moves import (
    MoveRefused,
    Step,
    destination,
    field_refusals,
    find,
    refusals,
    speaks_as,
    verb_of,
)
from referral_hub.referrals.reasons import codes_for
from referral_hub.referrals.refusals import BESIDE, told
from referral_hub.referrals.second_person import ask_second_person, second_person
from referral_hub.referrals.seen import mark_seen
from referral_hub.referrals.standing import people_passed_by
from referral_hub.referrals.states import SAYABLE, Channel, Party, State, To, Verb
from referral_hub.referrals.waiting import lock_places

__all__ = ["ask_also", "draft", "edit_draft", "give_feedback", "mark_seen", "note_unmet_need", "perform"]


@retrying
async def perform(
    task: UUID,
    *,
    actor: Actor,
    verb: str,
    version: int,
    fields: Mapping[str, object] | None = None,
    channel: str = "self",
    booked: bool = False,
    in_house: bool = False,
    hold_back: int = 0,
    keeps_link: bool = False,
    recorded: str = "",
) -> UUID:
    """Make one move, or refuse it by name and leave nothing behind; the id of the task to look at next.

    `hold_back`: seconds for which a sending waits and can be taken back. `keeps_link`: the holder of an answer link
    may say this also after the answer, and again. `recorded`: a sending that was made by phone or on paper, and is
    written down afterwards; nobody is mailed.
    """
    if channel not in SAYABLE:
        raise Refused("invalid", [Problem("channel", "not_a_choice", {"choices": list(SAYABLE)})])
    spoken = Channel.TIMETABLE if booked else Channel.HOUSE if in_house else Channel(channel)
    refusal: HubError = NotFound()
    for one in in_each_role(actor):
        async with transaction(one.scope, by_key=True) as sql:
            if verb != Verb.SEND:
                await lock_places(sql, task)
            case = await load_case(sql, task, verb=verb)
            if case is None:
                continue
            if spoken is Channel.HOUSE and case["sender"] != case["receiver"]:
                raise told(MoveRefused("channel_not_open"))
            party = standing(one, case)
            if party is None:
                refusal = NotAllowed() if isinstance(refusal, NotFound) else refusal
                continue
            try:
                row = find(verb, State(case["state"]), speaks_as(party, verb_of(verb), spoken))
            except MoveRefused as found:
                # A stale reader is told that first: what it wanted may have been open when it looked.
                new: HubError = Stale() if case["version"] != version else told(found)
                refusal = refusal if isinstance(refusal, Stale | Refused) else new
                continue
            # Whoever ends the sharing of their own data means it, whatever happened since their page was opened.
            if case["version"] != version and not (party is Party.PAR and row.verb is Verb.WITHDRAW_CONSENT):
                raise Stale
            await _use_link(sql, one, keeps=keeps_link)
            made_by = Channel(recorded) if recorded and row.verb is Verb.SEND else spoken
            return await _make(sql, one, case, row, party, fields or {}, spoken, made_by, hold_back)
    raise refusal


async def _use_link(sql: asyncpg.Connection, actor: Actor, *, keeps: bool) -> None:
    """An answer link is used up by the first answer that is accepted, in the same transaction, unless it is kept."""
    if actor.kind != "guest":
        return
    open_link = await sql.fetchval(
        """update link set used_at = case when $3 then used_at else $2 end
        where id = $1 and (used_at is null or $3) and revoked_at is null and ends_at > $2 returning id""",
        actor.link,
        clock.now(),
        keeps,
    )
    if open_link is None:
        raise Refused("link_used")


async def _make(
    sql: asyncpg.Connection,
    actor: Actor,
    case: Case,
    row: Row,
    party: Party,
    given: Mapping[str, object],
    channel: Channel,
    made_by: Channel,
    hold_back: int,
) -> UUID:
    fields, problems = read_fields(row, given, codes_for(row) if any(need.codes for need in row.needs) else {})
    if problems:
        raise Refused("invalid", problems)
    if row.verb is Verb.SEND and isinstance(basis := fields.get("basis"), Mapping):
        await set_basis(sql, case, basis, by=actor.scope)
        case = await _again(sql, case["id"], row.verb)
    facts = facts_of(
        case,
        clock.now(),
        channel=channel,
        fields=fields,
        # Only sending asks: what was passed on already is not judged anew.
        criminal_groups=row.verb is Verb.SEND
        and await shares_criminal_data(sql, case["participant"], case["basis_fields"] or ()),
        second_person=await second_person(sql, actor, case) if row.to is To.VOID_BY_TWO else "nobody",
        receiver_bound=party is not Party.RCV or may_see_data(actor, case),
        passed_by=await people_passed_by(case) if row.verb is Verb.ACCEPT else 0,
        code_given=row.verb is not Verb.ACCEPT or has_code(actor, case),
    )
    if not facts.passed_by:
        fields.pop("out_of_order", None)
    step = _decide(row, case, facts)
    if row.to is To.VOID_BY_TWO and facts.second_person == "needed":
        await ask_second_person(sql, actor, case, fields)
        return UUID(str(case["id"]))
    return await carry_out(sql, actor, case, step, fields, made_by, facts, hold_back)


async def _again(sql: asyncpg.Connection, task: UUID, verb: Verb) -> Case:
    case = await load_case(sql, task, verb=verb)
    if case is None:
        raise NotFound
    return case


def _decide(row: Row, case: Case, facts: Facts) -> Step:
    for code in refusals(row, facts):
        raise told(MoveRefused(code))
    failed = field_refusals(row, facts)
    if failed:
        raise Refused(failed[0], [Problem(BESIDE[code], code) for code in failed])
    return Step(row, destination(row, State(case["state"]), facts, state_before_cancel(case)))
