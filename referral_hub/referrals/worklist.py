"""The worklist: what waits for us, what waits for others, what is under way and what is closed; case codes only."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import transaction
from referral_hub.errors import NotAllowed
from referral_hub.institutions.agreements import is_bound
from referral_hub.referrals.states import FINAL, UNDER_WAY

BOXES = ("todo", "waiting", "under-way", "closed")
SCOPES = ("mine", "institution", "network")
PER_PAGE = 20


class WorkRow(Struct, frozen=True, kw_only=True):
    """A task in a list. `side`: sent or incoming, as the actor's institution stands; network: neither.

    `waiting_days` counts calendar days since the last move, `late` says that the clock has run out.
    """

    id: UUID
    number: str
    side: str
    box: str
    case_code: str
    need: str
    priority: str
    state: str
    version: int
    offer: UUID
    offer_title: str
    sender: UUID
    sender_name: str
    receiver: UUID
    receiver_name: str
    no_data: bool
    sharing_ended: bool
    clock: str
    due_on: date | None
    late: bool
    escalated: bool
    seen: bool
    appointment_at: str
    made_at: datetime
    moved_at: datetime
    waiting_days: int


class Worklist(Struct, frozen=True):
    """One page of a box, and how many tasks each box holds."""

    box: str
    scope: str
    counts: dict[str, int]
    total: int
    page: int
    pages: int
    items: list[WorkRow]


def _in(states: frozenset[Any]) -> str:
    return ", ".join(f"'{state.value}'" for state in sorted(states))


# $1 institution, $2 today, $3 account
_BOX = f"""case
 when side = 'incoming' then case
   when state in ({_in(FINAL)}) then 'closed'
   when state in ('sent', 'cancel_requested') then 'todo'
   when state in ('waitlisted', 'on_hold') and due_on <= $2 then 'todo'
   when state in ({_in(UNDER_WAY)}) then 'under-way'
   else 'waiting' end
 when state = 'void' then 'closed'
 when state in ({_in(FINAL)}) then case when outcome_seen_at is null and side = 'sent' then 'todo' else 'closed' end
 when side = 'network' then case
   when escalated_at is not null or void_asked_by is not null then 'todo'
   when state in ({_in(UNDER_WAY)}) then 'under-way' else 'waiting' end
 when state in ('draft', 'info_needed') or escalated_at is not null or void_asked_by is not null
   or (no_data and due_on < $2) or (sharing_ended and state in ({_in(UNDER_WAY)})) then 'todo'
 when state in ({_in(UNDER_WAY)}) then 'under-way'
 else 'waiting' end"""

_ROWS = f"""with seen as (
 select t.*, q.case_code, q.need, q.priority,
  case when t.sender = $1 and hub_role() <> 'partner_intake' then 'sent'
       when t.receiver = $1 then 'incoming' else 'network' end as side
 from referral_task t join referral_request q on q.id = t.request),
boxed as (
 select seen.*, {_BOX} as box, coalesce(due_on < $2, false) as late from seen
 where (side <> 'incoming' or (sent_at is not null and not no_data)) and {{scope}})
"""  # noqa: S608 -- our own words

_COUNTS = "select box, count(*) as number from boxed group by box"
_PAGE = """select b.id, b.number, b.side, b.box, b.case_code, b.need, b.priority, b.state, b.version, b.offer,
 o.title as offer_title, b.sender, s.name as sender_name, b.receiver, r.name as receiver_name, b.no_data,
 b.sharing_ended, b.clock, b.due_on, b.late, b.escalated_at is not null as escalated, b.seen_at is not null as seen,
 b.appointment_at, b.made_at,
 coalesce((select max(e.at) from task_event e where e.task = b.id), b.made_at) as moved_at
from (select * from boxed where box = $4 order by {order} limit $5 offset $6) b
join offer o on o.id = b.offer join institution s on s.id = b.sender join institution r on r.id = b.receiver
order by {order}"""
_URGENT_FIRST = "late desc, case priority when 'urgent' then 0 when 'priority' then 1 else 2 end, due_on, made_at, id"
_NEWEST_FIRST = "ended_at desc nulls last, made_at desc, id"
_SCOPED = {
    "mine": "side <> 'network' and (side = 'incoming' or keeper = $3)",
    "institution": "side <> 'network' and ($3::uuid is null or true)",
    "network": "($3::uuid is null or true)",
}


async def worklist(
    actor: Actor, *, box: str = "todo", scope: str = "institution", page: int = 1, per_page: int = PER_PAGE
) -> Worklist:
    """One box of the actor in its acting role. `scope`: mine, institution, or network (coordinators).

    Raises NotAllowed. An unknown box or scope is read as the first one.
    """
    if actor.kind != "account" or not actor.may(Permission.REFERRAL_READ):
        raise NotAllowed
    actor = actor.acting_for(Permission.REFERRAL_READ)
    box = box if box in BOXES else BOXES[0]
    scope = scope if scope in SCOPES and (scope != "network" or actor.role == "coordinator") else "institution"
    page, per_page = max(1, min(page, 100_000)), max(1, min(per_page, 100))
    rows_of = _ROWS.format(scope=_SCOPED[scope])
    order = _NEWEST_FIRST if box == "closed" else _URGENT_FIRST
    first = (actor.institution, clock.today(), actor.account)
    async with transaction(actor.scope) as sql:
        counted = {row["box"]: row["number"] for row in await sql.fetch(rows_of + _COUNTS, *first)}
        rows = await sql.fetch(rows_of + _PAGE.format(order=order), *first, box, per_page, (page - 1) * per_page)
        # Accounts of an institution without a basis to have people's data work with numbers only.
        hidden = any(row["side"] == "incoming" for row in rows) and not (
            actor.institution and await is_bound(actor.institution)
        )
    counts = {name: counted.get(name, 0) for name in BOXES}
    pages = max(1, -(-counts[box] // per_page))
    return Worklist(box, scope, counts, counts[box], page, pages, [_row(row, hidden) for row in rows])


def _row(row: Any, hidden: bool) -> WorkRow:
    days = (clock.today() - row["moved_at"].astimezone(clock.WARSAW).date()).days
    values = dict(row)
    if hidden and row["side"] == "incoming":
        values |= {"case_code": "", "need": "", "appointment_at": ""}
    return WorkRow(**values, waiting_days=max(0, days))
