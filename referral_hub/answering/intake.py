"""Several referrals answered at once by an institution with an account: one act, each row by itself.

A row that cannot be done is left as it is and told why; the others are done all the same.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import transaction
from referral_hub.directory.proposals import open_proposals
from referral_hub.errors import HubError, NotAllowed, Problem
from referral_hub.institutions.agreements import is_bound
from referral_hub.referrals.actions import mark_seen, perform
from referral_hub.referrals.ageing import Age, age_of
from referral_hub.referrals.conditions import Facts
from referral_hub.referrals.fields import read_fields
from referral_hub.referrals.full_answers import FULL
from referral_hub.referrals.lifecycle import TABLE
from referral_hub.referrals.moves import field_refusals
from referral_hub.referrals.person_seen import SHOWN
from referral_hub.referrals.reasons import codes_for
from referral_hub.referrals.refusals import BESIDE
from referral_hub.referrals.states import UNDER_WAY, Party

MOST: Final = 100
SEEN: Final = "seen"
ACTS: Final[Mapping[str, tuple[str, ...]]] = {
    "accept": ("date",),
    "schedule": ("date", "place"),
    "waitlist": ("date", "review_on"),
    "deliver": ("outcome", "date", "hours"),
    "decline": ("reason", "text", "criterion"),
    SEEN: (),
}
"""What can be done to many, and the fields it takes: the verbs of the table, and the mark of having read."""
_PLACED: Final = sorted(state.value for state in UNDER_WAY)
_OPEN: Final = f"""select {SHOWN.format(today="$4")} as shown,
 t.id, t.number, q.case_code, q.need, q.priority, t.state, t.version, o.title as offer_title,
 s.name as sender_name, t.seen_at is not null as seen, t.appointment_at, t.due_on, t.clock, t.sent_at
from referral_task t join referral_request q on q.id = t.request join offer o on o.id = t.offer
join institution s on s.id = t.sender
where t.receiver = $1 and not t.no_data and not t.held_back and not t.sharing_ended and t.sent_at is not null
and (t.state in ('sent', 'info_needed', 'waitlisted') or t.state = any($2))
order by t.clock <> 'RCV', t.due_on nulls last, t.sent_at, t.id limit $3"""  # noqa: S608 -- our own words
_OFFERS = """select distinct on (t.offer) t.id, t.offer, o.title from referral_task t join offer o on o.id = t.offer
where t.id = any($1) and t.receiver = $2 and t.reason = $3 order by t.offer, t.id"""


class Incoming(Struct, frozen=True, kw_only=True):
    """A referral that can be answered with others; `case_code` and `need` only where the institution may know them."""

    id: UUID
    number: str
    case_code: str
    need: str
    priority: str
    state: str
    version: int
    offer_title: str
    sender_name: str
    seen: bool
    appointment_at: str
    age: Age | None


class Ticked(Struct, frozen=True):
    """A row as it stood on the page that was sent."""

    id: UUID
    version: int


class Answered(Struct, frozen=True):
    """What became of a row: `code` is '' where it was done, else why not; `number` '' for one that is not theirs."""

    id: UUID
    number: str
    code: str
    facts: dict[str, Any] = {}


def answering(actor: Actor) -> Actor:
    """The actor in the role that answers for its institution. Raises NotAllowed."""
    if actor.kind != "account" or actor.institution is None or not actor.may(Permission.REFERRAL_ANSWER):
        raise NotAllowed
    return actor.acting_for(Permission.REFERRAL_ANSWER)


async def incoming(actor: Actor) -> list[Incoming]:
    """What is open at the actor's institution, those that wait for it first; at most MOST. Raises NotAllowed."""
    actor = answering(actor)
    bound = actor.institution is not None and await is_bound(actor.institution)
    async with transaction(actor.scope) as sql:
        rows = await sql.fetch(_OPEN, actor.institution, _PLACED, MOST, clock.today())
    return [_incoming(dict(row), bound, clock.today()) for row in rows]


def _incoming(row: dict[str, Any], bound: bool, today: date) -> Incoming:
    due_on, waits = row.pop("due_on"), row.pop("clock") == "RCV"
    sent = row.pop("sent_at").astimezone(clock.WARSAW).date()
    shown = row.pop("shown")
    if not (bound and shown):
        row |= {"case_code": "", "need": "", "appointment_at": ""}
    return Incoming(**row, age=age_of(sent, due_on, today) if waits else None)


async def answer_many(
    ticked: Sequence[Ticked], act: str, fields: Mapping[str, object], *, actor: Actor
) -> list[Answered]:
    """Do one act to each, in the order ticked; each row stands or falls alone. Raises NotAllowed, KeyError: no act."""
    actor = answering(actor)
    known = ACTS[act]
    given = {name: value for name, value in fields.items() if name in known and value not in ("", None)}
    rows = list({row.id: row for row in ticked}.values())[:MOST]
    numbers = await _numbers(actor, [row.id for row in rows])
    # One order of locks for all, so that two people who answer many at once do not wait for each other.
    done = {row.id: await _answer(row, act, given, numbers, actor) for row in sorted(rows, key=lambda row: row.id)}
    return [done[row.id] for row in rows]


async def _numbers(actor: Actor, tasks: Sequence[UUID]) -> dict[UUID, str]:
    async with transaction(actor.scope) as sql:
        rows = await sql.fetch(
            "select id, number from referral_task where id = any($1) and receiver = $2", tasks, actor.institution
        )
    return {row["id"]: row["number"] for row in rows}


def problems_of(act: str, fields: Mapping[str, object]) -> list[Problem]:
    """What is wrong with the fields whichever referral they are meant for, beside the field to mend."""
    row = next((row for row in TABLE if row.verb == act and row.by is Party.RCV), None)
    if row is None:
        return []
    read, problems = read_fields(row, {name: value for name, value in fields.items() if value}, codes_for(row))
    if problems:
        return [problem for problem in problems if problem.field in ACTS[act]]
    refused = field_refusals(row, Facts(now=clock.now(), fields=read))
    return [Problem(BESIDE[code], code) for code in refused if BESIDE[code] in ACTS[act]]


async def full_offers(tasks: Sequence[UUID], *, actor: Actor) -> list[tuple[UUID, str]]:
    """After „brak miejsc”: one referral of each offer whose number waits for the partner's word, and its title."""
    actor = answering(actor)
    async with transaction(actor.scope) as sql:
        rows = await sql.fetch(_OFFERS, tasks, actor.institution, FULL)
    proposed = await open_proposals([row["offer"] for row in rows])
    return [(row["id"], row["title"]) for row in rows if row["offer"] in proposed]


async def _answer(
    row: Ticked, act: str, fields: Mapping[str, object], numbers: Mapping[UUID, str], actor: Actor
) -> Answered:
    number = numbers.get(row.id, "")
    if not number:
        return Answered(row.id, "", "not_found")
    try:
        if act == SEEN:
            await mark_seen(row.id, actor=actor)
        else:
            await perform(row.id, actor=actor, verb=act, version=row.version, fields=fields)
    except HubError as refusal:
        problem = refusal.problems[0] if refusal.code == "invalid" and refusal.problems else None
        return (
            Answered(row.id, number, problem.code, dict(problem.facts))
            if problem
            else Answered(row.id, number, refusal.code, dict(refusal.facts))
        )
    return Answered(row.id, number, "")
