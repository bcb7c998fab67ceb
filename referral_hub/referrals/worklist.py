"""The worklist: what waits for us, what waits for others, what is under way and what is closed; case codes only.

Drafts stand in a list of their own and what was voided in none, so every count is one of referrals that were made.
Counts and list come from one question with one condition: they cannot disagree.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import transaction
from referral_hub.errors import NotAllowed
from referral_hub.institutions.agreements import is_bound
from referral_hub.referrals.papers import is_issued
from referral_hub.referrals.person_seen import ENDS_SHARING, SHOWN
from referral_hub.referrals.states import FINAL, UNDER_WAY
from referral_hub.referrals.worklist_asked import Asked, asked_sql

BOXES = ("todo", "waiting", "under-way", "closed", "drafts")
ALL = "all"
"""The box of a search: every referral found, in whatever list it stands, and voided ones."""
SCOPES = ("mine", "institution", "network")
PER_PAGE = 20


class WorkRow(Struct, frozen=True, kw_only=True):
    """A task in a list. `side`: sent or incoming, as the actor's institution stands; network: neither.

    `waiting_days` counts calendar days since the last move, `late` says that the clock has run out, `unread` that it
    has ended and the sender has not yet read how, `disputed` that the person says otherwise or still waits, `issued`
    that it is called „skierowanie”. `basis_until`: the last day of the sender's legal basis; None where it was
    withdrawn, or has none.
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
    keeper: UUID | None
    issued: bool
    no_data: bool
    sharing_ended: bool
    basis_until: date | None
    held_back: bool
    clock: str
    due_on: date | None
    late: bool
    escalated: bool
    disputed: bool
    seen: bool
    unread: bool
    reminded_at: datetime | None
    appointment_at: str
    made_at: datetime
    sent_at: datetime | None
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
BOX = f"""case
 when state = 'void' then ''
 when state = 'draft' then case when side = 'sent' then 'drafts' else '' end
 when disputed and side <> 'incoming' then 'todo'
 when side = 'incoming' then case
   when state in ({_in(FINAL)}) then 'closed'
   when state in ('sent', 'cancel_requested') then 'todo'
   when state in ('waitlisted', 'on_hold') and due_on <= $2 then 'todo'
   when state in ({_in(UNDER_WAY)}) then 'under-way'
   else 'waiting' end
 when state in ({_in(FINAL)}) then case when outcome_seen_at is null and side = 'sent' then 'todo' else 'closed' end
 when side = 'network' then case
   when escalated_at is not null or void_asked_by is not null then 'todo'
   when state in ({_in(UNDER_WAY)}) then 'under-way' else 'waiting' end
 when state = 'info_needed' or escalated_at is not null or void_asked_by is not null
   or (no_data and due_on < $2)
   or (sharing_ended and coalesce(review_on, $2) <= $2) then 'todo'
 when state in ({_in(UNDER_WAY)}) then 'under-way'
 else 'waiting' end"""

_SHOWN = f"b.side <> 'incoming' or {SHOWN.format(today='$2')}"
# The rule reads every task, so nothing else may: the request stands there for filters only (PostgreSQL leaves a join
# out that nobody reads), and what is kept of all is what the counts and the order need.
_QUESTION = f"""with seen as (
 select t.*, q.case_code, q.need, q.priority,
  coalesce(t.due_on < $2, false) as late, t.id in (select task from discrepancy where verdict = '') as disputed,
  case when t.sender = $1 and (select hub_role()) <> 'partner_intake' then 'sent'
       when t.receiver = $1 then 'incoming' else 'network' end as side
 from referral_task t left join referral_request q on q.id = t.request {{ours}}),
boxed as materialized (
 select id, request, side, late, disputed, due_on, made_at, ended_at, {BOX} as box from seen
 where (side <> 'incoming' or (sent_at is not null and not no_data)) and {{scope}} and {{asked}})
select c.counts, p.* from (
 select coalesce(json_object_agg(box, number), '{{{{}}}}')::text as counts from (
  select box, count(*) as number from boxed group by box) g) c
left join lateral (
 select b.id, t.number, b.side, b.box, q.case_code, q.need, q.priority, t.state, t.version, t.offer,
  o.title as offer_title, t.sender, s.name as sender_name, t.receiver, r.name as receiver_name, t.keeper, t.no_data,
  t.sharing_ended, t.held_back, t.clock, t.due_on, b.late, t.escalated_at is not null as escalated, b.disputed,
  t.seen_at is not null as seen, b.side = 'sent' and t.ended_at is not null and t.outcome_seen_at is null as unread,
  t.reminded_at, q.issued_on, (select i.kind from institution i where i.id = q.issuer) as issuer_kind,
  t.appointment_at, t.made_at, t.sent_at,
  coalesce((select max(e.at) from task_event e where e.task = b.id), t.made_at) as moved_at, {_SHOWN} as shown,
  case when b.side = 'incoming' and t.sharing_ended then (select e.after from task_event e where e.task = b.id
   and e.verb in ({", ".join(f"'{verb}'" for verb in ENDS_SHARING)}) order by e.at desc limit 1) end as state_then,
  case when b.side = 'sent' then (select lb.until from legal_basis lb
   where lb.id = t.basis and lb.withdrawn_at is null) end as basis_until
 from (select b.* from boxed b left join referral_request q on q.id = b.request
  where {{box}} order by {{order}} limit $4 offset $5) b
 join referral_task t on t.id = b.id join referral_request q on q.id = t.request
 join offer o on o.id = t.offer join institution s on s.id = t.sender join institution r on r.id = t.receiver
 order by {{order}}) p on true"""  # noqa: S608 -- our own words
_ORDERS = {
    "urgent": "b.late desc, case q.priority when 'urgent' then 0 when 'priority' then 1 else 2 end, b.due_on,"
    " b.made_at, b.id",
    "due": "b.due_on nulls last, b.made_at, b.id",
    "oldest": "b.made_at, b.id",
    "newest": "b.made_at desc, b.id desc",
    "ended": "b.ended_at desc nulls last, b.made_at desc, b.id",
}
SORTS = ("urgent", "due", "oldest", "newest")
_SCOPED = {
    "mine": "side <> 'network' and (side = 'incoming' or keeper = $3)",
    "institution": "side <> 'network' and ($3::uuid is null or true)",
    "network": "($3::uuid is null or true)",
}


async def worklist(
    actor: Actor,
    *,
    box: str = "todo",
    scope: str = "institution",
    page: int = 1,
    per_page: int = PER_PAGE,
    asked: Asked | None = None,
    sort: str = "",
) -> Worklist:
    """One box of the actor in its acting role. `scope`: mine, institution, or network (coordinators).

    Raises NotAllowed. An unknown box, scope or order is read as the first one; `all` is the box of a search.
    """
    if actor.kind != "account" or not actor.may(Permission.REFERRAL_READ):
        raise NotAllowed
    actor, asked = actor.acting_for(Permission.REFERRAL_READ), asked or Asked()
    box = box if box in BOXES or (box == ALL and asked.searches) else BOXES[0]
    scope = scope if scope in SCOPES and (scope != "network" or actor.role == "coordinator") else "institution"
    page, per_page = max(1, min(page, 100_000)), max(1, min(per_page, 500))
    order = sort if sort in SORTS else ("ended" if box in ("closed", ALL) else "urgent")
    # Accounts of an institution without a basis to have people's data work with numbers only.
    bound = actor.institution is not None and await is_bound(actor.institution)
    condition, values = asked_sql(asked, first=6, bound=bound, own_people=actor.role == "caseworker")
    question = _QUESTION.format(
        ours="" if scope == "network" else "where t.sender = $1 or t.receiver = $1",
        scope=_SCOPED[scope],
        asked=condition,
        box="true" if box == ALL else f"b.box = '{box}'",
        order=_ORDERS[order],
    )
    today, skipped = clock.today(), (page - 1) * per_page
    # A plan made once fits every institution alike, and making it anew costs as much as a tenth of the answer.
    async with transaction(actor.scope, by_key=True) as sql:
        rows = await sql.fetch(question, actor.institution, today, actor.account, per_page, skipped, *values)
    counted = msgspec.json.decode(rows[0]["counts"], type=dict[str, int])
    counts = {name: counted.get(name, 0) for name in BOXES}
    total = sum(counted.values()) if box == ALL else counts[box]
    pages = max(1, -(-total // per_page))
    return Worklist(box, scope, counts, total, page, pages, [_row(row, bound) for row in rows if row["id"]])


def _row(row: Any, bound: bool) -> WorkRow:
    days = (clock.today() - row["moved_at"].astimezone(clock.WARSAW).date()).days
    values = dict(row)
    values.pop("counts")
    shown, then = values.pop("shown"), values.pop("state_then")
    issued = is_issued(values.pop("issuer_kind"), values.pop("issued_on"))
    if not bound and row["side"] == "incoming":
        values |= {"case_code": "", "need": "", "appointment_at": ""}
    elif not shown:
        values |= {"case_code": "", "need": "", "state": then or row["state"]}
    values["issued"] = issued and bool(values["case_code"])
    return WorkRow(**values, waiting_days=max(0, days))
