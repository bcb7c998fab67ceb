"""One referral as an actor may see it, and what the person or a guest may ask about it.

    referral(actor, task, *, open_person=True) -> Referral      NotFound for what is not there or not theirs
    referrals_of_person(actor, participant) -> list[Referral-like rows]   for the person's link and the caseworker
    worklist(actor, *, box, scope, page) -> Worklist            in worklist.py

`open_person` unseals what the actor may see (or only these fields of it) and leaves a disclosure line of that; without
it there is only the case code.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.database.columns import unseal
from referral_hub.database.transaction import transaction
from referral_hub.errors import NotFound
from referral_hub.referrals.case import (
    Case,
    basis_of,
    facts_of,
    has_code,
    in_each_role,
    load_case,
    may_see_data,
    running_of,
    standing,
)
from referral_hub.referrals.closing import loop_closed
from referral_hub.referrals.moments import moments_of
from referral_hub.referrals.moves import OpenMove, moves_open
from referral_hub.referrals.papers_kept import read_papers, shown_to
from referral_hub.referrals.person_seen import (
    BASIS_RENEWED,
    ENDS_SHARING,
    Opening,
    as_received,
    note_reading,
    person_seen,
    shares,
)
from referral_hub.referrals.referral import AskedOffer, ClockNow, Ending, Ground, Moment, Opinion, Referral, Side
from referral_hub.referrals.states import Party, State
from referral_hub.referrals.worklist import Worklist, WorkRow, worklist

__all__ = ["OwnReferral", "Referral", "WorkRow", "Worklist", "referral", "referrals_of_person", "worklist"]

# The person's answer, if there is one, and the tasks that came after this one.
_LATER = """select f.*,
 array(select n.id from referral_task n where n.replaces = t.id order by n.made_at) as replaced_by
from referral_task t left join participant_feedback f on f.task = t.id where t.id = $1"""


# What of a task says something about the person, taken away for those who may know its number only.
_NUMBER_ONLY: dict[str, Any] = {
    "need": "",
    "access": "none",
    "basis_kind": None,
    "basis_fields": None,
    "appointment_at": "",
    "appointment_place": "",
    "position": None,
    "reason": "",
    "outcome_source": "",
}


async def referral(actor: Actor, task: UUID, *, open_person: Opening = True, read_words: bool = True) -> Referral:
    """The task in the first of the actor's roles that may see it; moves of all its roles. Raises NotFound."""
    found: Referral | None = None
    moves: list[OpenMove] = []
    for one in in_each_role(actor):
        async with transaction(one.scope, by_key=True) as sql:
            case = await load_case(sql, task)
            if case is None or not _is_theirs(one, case):
                continue
            party = standing(one, case)
            if party is not None and party is not Party.SYS:
                bound = party is not Party.RCV or may_see_data(one, case)
                facts = facts_of(case, clock.now(), receiver_bound=bound, code_given=has_code(one, case))
                moves += [move for move in moves_open(State(case["state"]), party, facts) if move not in moves]
            if found is None or (not found.party and party is not None):
                found = await _seen(sql, one, case, party, open_person, read_words)
    if found is None:
        raise NotFound
    return msgspec.structs.replace(found, moves=moves)


async def _seen(
    sql: asyncpg.Connection, actor: Actor, case: Case, party: Party | None, open_person: Opening, read_words: bool
) -> Referral:
    side = party or (Party.RCV if case["receiver"] == actor.institution else None)
    unbound = side is Party.RCV and not may_see_data(actor, case)
    if unbound:
        case = {**case, **_NUMBER_ONLY}
    lines = await sql.fetch("select * from task_event where task = $1 order by at, version, id", case["id"])
    case, lines = _as_told(case, lines, side)
    # A page that shows no words reads none: a line that somebody read them would not be true.
    timeline = [] if unbound else moments_of(lines, case, side, words=read_words)
    later = await sql.fetchrow(_LATER, case["id"])
    opinion = None if unbound or not read_words else _opinion(later, side)
    await _note_words(sql, actor, case, side, timeline, opinion)
    papers = await read_papers(sql, case["request"])
    return Referral(
        id=case["id"],
        request_id=case["request"],
        number=case["number"],
        party=party.value if party else "",
        state=case["state"],
        before_cancel=case["before_cancel"],
        version=case["version"],
        need=case["need"] if side is not Party.RCV or case["access"] in ("summary", "disclosed") else "",
        priority=case["priority"],
        sender=Side(case["sender"], case["sender_name"], case["sender_kind"]),
        offer=AskedOffer(case["offer"], case["title"], case["form"], _receiver(case)),
        person_id=case["participant"] if side in (Party.SND, Party.PAR) else None,
        person=await person_seen(sql, actor, case, side, open_person),
        basis=_ground(case) if side is not Party.COO else None,
        no_data=case["no_data"],
        access=case["access"],
        sharing_ended=case["sharing_ended"],
        clock=_clock_now(case),
        appointment_at=case["appointment_at"],
        appointment_place=case["appointment_place"],
        position=case["position"],
        reason=case["reason"],
        ending=_ending(case),
        made_at=case["made_at"],
        sent_at=case["sent_at"],
        seen_at=case["seen_at"],
        ended_at=case["ended_at"],
        outcome_seen_at=case["outcome_seen_at"],
        loop_closed=_is_closed(case, lines),
        suggests_full_reading=side is Party.RCV and case["reason"] == "no_capacity" and (case["places_free"] or 0) > 0,
        replaces=case["replaces"],
        replaced_by=later["replaced_by"],
        keeper=case["keeper"],
        opinion=opinion,
        timeline=timeline,
        moves=[],
        unbound=unbound,
        issued=papers.issued,
        papers=None if unbound else shown_to(papers, side, case["access"]),
        internal=case["internal"],
        together=case["together"] and side is Party.SND,
        held_back=case["held_back"],
        override_reason=case["override_reason"] if side is Party.SND else "",
        shared=shares(case, clock.today()),
        full_at_once=case["disclosure"] == "full",
        role=actor.role if actor.kind == "account" else "",
    )  # fmt: skip


def _clock_now(case: Case) -> ClockNow:
    days = (case["due_on"], case["escalate_on"], case["expire_on"], case["review_on"])
    return ClockNow(case["clock"], *days, running_of(case).late(clock.today()))


def _is_closed(case: Case, lines: list[Any]) -> bool:
    began = any(line["after"] == State.IN_PROGRESS for line in lines)
    return loop_closed(State(case["state"]), began=began, seen=case["outcome_seen_at"] is not None)


def _as_told(case: Case, lines: list[Any], side: Party | None) -> tuple[Case, list[Any]]:
    """The case and its history as this side may know them."""
    if side is not Party.RCV:
        return case, lines
    case = as_received(case, clock.today())
    return _until_sharing_ended(case, lines) if case["sharing_ended"] else (case, lines)


async def _note_words(
    sql: asyncpg.Connection,
    actor: Actor,
    case: Case,
    side: Party | None,
    timeline: list[Moment],
    opinion: Opinion | None,
) -> None:
    """Words about a person are read with the page: that is a reading like any other."""
    read = ["words"] if any(line.words for line in timeline) else []
    if opinion is not None and opinion.words:
        read.append("opinion")
    if read:
        await note_reading(sql, actor, case, read, side)


def _until_sharing_ended(case: Case, lines: list[Any]) -> tuple[Case, list[Any]]:
    """As it stood when sharing ended: after that nothing flows to the receiver, not even how it went on."""
    ends = [place for place, line in enumerate(lines) if line["verb"] in ENDS_SHARING]
    ended = ends[-1] if ends else len(lines) - 1
    then = {"state": lines[ended]["after"], "reason": "", "outcome_source": "", "ended_at": None, "clock": ""}
    return {**case, **then}, lines[: ended + 1]


def _is_theirs(actor: Actor, case: Case) -> bool:
    """The person has no drafts and no slips of the pen: what was never sent was never theirs to see."""
    return actor.kind != "participant" or case["sent_at"] is not None


def _receiver(case: Case) -> Side:
    return Side(case["receiver"], case["receiver_name"], case["receiver_kind"])


def _ground(case: Case) -> Ground | None:
    basis = basis_of(case)
    if basis is None:
        return None
    return Ground(
        basis.kind,
        basis.ground,
        case["article_9_10"],
        sorted(basis.fields),
        basis.purpose,
        basis.until,
        basis.withdrawn,
        basis.given_how,
    )


def _ending(case: Case) -> Ending | None:
    if not case["outcome_source"]:
        return None
    return Ending(case["outcome"], case["outcome_on"], case["outcome_hours"], case["outcome_source"])


def _opinion(row: Any, side: Party | None) -> Opinion | None:
    if row["task"] is None:
        return None
    readable = side is Party.PAR or (side in (Party.SND, Party.COO) and row["share_with_sender"])
    words = unseal(row["words_sealed"]) if readable and row["words_sealed"] is not None else ""
    return Opinion(row["at"], row["got_help"], row["treated_well"], words)


class OwnReferral(Struct, frozen=True, kw_only=True):
    """A referral in a list of one person's; to the person itself it says nothing that a passer-by should read."""

    id: UUID
    number: str
    state: str
    need: str
    offer_title: str
    receiver_name: str
    receiver_kind: str
    no_data: bool
    sharing_ended: bool
    consent: bool
    consent_ended: bool
    made_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None
    appointment_at: str
    appointment_place: str
    due_on: date | None
    reason: str
    source: str
    opinion_given: bool


_OF_PERSON = f"""select t.id, t.number, t.state, q.need, o.title as offer_title, i.name as receiver_name,
 i.kind as receiver_kind, t.no_data, t.sharing_ended, coalesce(b.kind = 'consent', false) as consent,
 coalesce((select e.verb = any($3) from task_event e where e.task = t.id
  and (e.verb = any($3) or e.verb = '{BASIS_RENEWED}') order by e.at desc limit 1), false) as consent_ended,
 t.made_at, t.sent_at, t.ended_at, t.appointment_at, t.appointment_place, t.due_on, t.reason,
 t.outcome_source as source, exists (select 1 from participant_feedback f where f.task = t.id) as opinion_given
from referral_task t join referral_request q on q.id = t.request join offer o on o.id = t.offer
join institution i on i.id = t.receiver left join legal_basis b on b.id = t.basis
where t.participant = $1 and ($2 or (t.sent_at is not null and t.state <> 'void')) order by t.made_at desc"""  # noqa: S608 -- a word of our own


async def referrals_of_person(actor: Actor, participant: UUID) -> list[OwnReferral]:
    """A person's referrals, newest first: for the person's own link (no drafts) and its caseworkers."""
    async with transaction(actor.scope) as sql:
        rows = await sql.fetch(_OF_PERSON, participant, actor.kind != "participant", list(ENDS_SHARING))
    return [OwnReferral(**dict(row)) for row in rows]
