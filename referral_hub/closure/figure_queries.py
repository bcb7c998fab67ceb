"""What the figures of closing are made of: referrals alike, counted together; no person, no case."""

from typing import Final
from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.closure.figures import Group
from referral_hub.database.transaction import transaction
from referral_hub.referrals.states import State

ARROW: Final = " → "
KEYS: Final = {"flow": f"s.kind || '{ARROW}' || r.kind", "need": "q.need", "offer": "t.offer::text"}
"""By what one may look: kinds of institutions that send and receive, needs, offers."""

_GROUPS = """select {key} as key, o.form,
 date_trunc('month', t.sent_at at time zone 'Europe/Warsaw')::date as month, t.state,
 coalesce(e.began, false) as began, t.outcome_seen_at is not null as seen, t.no_data as alone,
 case when e.accepted then 'accepted' when e.declined then 'declined' else '' end as decided,
 coalesce(f.got_help, '') as got_help,
 exists (select 1 from referral_task n where n.replaces = t.id and n.sent_at is not null
  and n.state <> 'void') as again,
 (t.sent_at at time zone 'Europe/Warsaw')::date as sent_on,
 (t.first_answer_at at time zone 'Europe/Warsaw')::date as answered_on,
 {receives} as receives, $2::uuid in (t.sender, t.receiver) as own,
 coalesce(sum(e.came), 0)::int as came, coalesce(sum(e.absent), 0)::int as absent, count(*)::int as count
from referral_task t join referral_request q on q.id = t.request join offer o on o.id = t.offer
join institution s on s.id = t.sender join institution r on r.id = t.receiver
left join lateral (select bool_or(v.verb = 'accept') as accepted, bool_or(v.verb = 'decline') as declined,
  bool_or(v.after = 'in_progress') as began,
  count(*) filter (where v.verb = 'attend' and v.facts->>'attendance' in ('came', 'late')) as came,
  count(*) filter (where v.verb = 'attend' and v.facts->>'attendance' in ('absent', 'absent_told')) as absent
 from task_event v where v.task = t.id) e on true
left join participant_feedback f on f.task = t.id
where t.sent_at is not null and t.state <> 'void' and not t.held_back and ($1::uuid is null or t.offer = $1)
group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14"""
_NAMES = """select o.id::text as id, o.title || ' – ' || i.name as name from offer o
join institution i on i.id = o.institution where o.id = any($1)"""


async def groups_seen_by(actor: Actor, by: str, *, offer: UUID | None = None) -> list[Group]:
    """Referrals sent and not entered in error, alike ones together, as far as the actor may see them."""
    async with transaction(actor.scope) as sql:
        question = _GROUPS.format(key=KEYS[by], receives="r.kind" if by == "offer" else "''::text")
        rows = await sql.fetch(question, offer, actor.institution)
    return [Group(**{**dict(row), "state": State(row["state"]), "own": bool(row["own"])}) for row in rows]


async def offer_names(actor: Actor, offers: list[str]) -> dict[str, str]:
    """What the offers are called, with their institutions."""
    async with transaction(actor.scope) as sql:
        return {row["id"]: row["name"] for row in await sql.fetch(_NAMES, [UUID(offer) for offer in offers])}
