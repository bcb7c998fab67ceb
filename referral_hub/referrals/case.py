"""One task as the rules need it: everything a move may ask, read in one question under the actor's scope."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.accounts.absences import MAILED_TO
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.clock import WARSAW
from referral_hub.directory.capacity import CAPACITY_COLUMNS, CAPACITY_JOINS, capacity
from referral_hub.institutions.agreements import bound_sql
from referral_hub.institutions.contacts import BY_LINK, brought
from referral_hub.participants.basis import Basis, Kind
from referral_hub.referrals.clocks import Running, Times, times_for
from referral_hub.referrals.conditions import Facts
from referral_hub.referrals.states import Channel, Party, State, Verb
from referral_hub.settings import settings
from referral_hub.vocabularies.book import SLOW, clock_class, is_sensitive

Case: TypeAlias = Mapping[str, Any]

_SELECT = f"""select t.*, q.need, q.priority, q.case_code, q.state as request_state, q.together, q.issued_on,
 (select i.kind from institution i where i.id = q.issuer) as issuer_kind,
 b.kind as basis_kind, b.ground, b.receiver as basis_receiver, b.fields as basis_fields, b.purpose,
 b.until as basis_until, b.withdrawn_at, b.given_how, b.article_9_10,
 o.title, o.form, o.status as offer_status, o.disclosure, o.keeps_place_on_hold, o.rhythm, o.visible_from,
 i.kind as receiver_kind, i.name as receiver_name, i.status as receiver_status, i.language as receiver_language,
 s.name as sender_name, s.kind as sender_kind,
 s.club or {bound_sql("t.sender", "$2")} as sender_bound,
 t.internal or i.club or {bound_sql("t.receiver", "$2")} as receiver_bound,
 array(select concat_ws(' ', c.kind, c.answer_days, c.escalate_days, c.expire_days, c.kept_days,
   c.cancel_escalate_days, c.cancel_expire_days) from clock_setting c
  where c.priority = q.priority and c.kind in (i.kind, '{SLOW}', '')) as clock_settings,
 {{more}}, {CAPACITY_COLUMNS}
from referral_task t
join referral_request q on q.id = t.request
join offer o on o.id = t.offer
join institution i on i.id = t.receiver
join institution s on s.id = t.sender
left join legal_basis b on b.id = t.basis
{{joined}}{CAPACITY_JOINS}
where t.id = $1"""  # noqa: S608 -- our own columns
# What a draft, which is all that can be sent, has none of: a place of its own, a receiver that knows of it, an end.
# Only who may see them finds the places kept for others: a receiver, and not a sender that records its word.
_AFTER_SENDING = """h.state as hold_state, h.taken_at as hold_taken_at,
 o.sensitive or o.by_category as protected,
 exists (select 1 from institution_code c where c.institution = t.receiver) as own_code,
 not q.together and t.state in ('declined', 'withdrawn', 'expired', 'not_delivered') and exists (
  select 1 from referral_task o where o.request = t.request and o.id <> t.id
  and o.state not in ('declined', 'withdrawn', 'expired', 'not_delivered', 'delivered', 'void')) as asked_elsewhere,
 (select count(*) from place_offered k
  where k.offer = t.offer and k.task <> t.id and k.answer = '') as kept_for_others"""
_OF_A_DRAFT = "null as hold_state, null as hold_taken_at, false as asked_elsewhere, 0 as kept_for_others"

# Whom a sending tells, asked along with the rest: intake accounts ("address language"), else a mailbox. Accounts of an
# institution that may not see the data are told by a link, as if there were none.
_TOLD = f"""array(select {MAILED_TO.format(today="$2")} || ' ' || a.language
  from account a join account_role r on r.account = a.id
  where a.institution = t.receiver and a.active and r.role = 'partner_intake' order by a.email limit 5) as intake,
 (select c.value from contact c where c.institution = t.receiver and c.kind = 'email'
  and (c.belongs_to is null or c.belongs_to = t.offer
   or c.belongs_to in (select site from offer_site where offer = t.offer))
  order by c.failing_since is not null, (c.belongs_to = t.offer) desc nulls last, (c.belongs_to is not null) desc,
   c.position limit 1) as mailbox"""  # noqa: S608 -- names of our own, values are parameters
_TOLD_BY_TEXT = f"""{_TOLD},
 case when i.reached_by = 'sms' then (select value from contact where contact.institution = t.receiver
  and kind = 'mobile' and failing_since is null and (belongs_to is null or belongs_to = t.offer
   or belongs_to in (select site from offer_site where offer = t.offer)) and not {brought(BY_LINK, "($2::date - 7)")}
  order by (belongs_to = t.offer) desc nulls last, (belongs_to is not null) desc, position limit 1) end as mobile"""  # noqa: S608 -- names of our own, values are parameters
# Where there is no gateway for text messages nobody asks for a mobile: a smaller question is a quicker one.
_TOLD_BY_MAIL = f"{_TOLD}, null as mobile"
RECEIVERS = f"""select {_TOLD_BY_TEXT}, t.internal or i.club or {bound_sql("t.receiver", "$2")} as receiver_bound
from referral_task t join institution i on i.id = t.receiver where t.id = $1"""  # noqa: S608 -- names of our own, values are parameters
_SENDING = {
    with_gateway: _SELECT.format(more=f"{told}, {_OF_A_DRAFT}", joined="")
    for with_gateway, told in ((True, _TOLD_BY_TEXT), (False, _TOLD_BY_MAIL))
}
_LOOKING = _SELECT.format(more=_AFTER_SENDING, joined="left join hold h on h.task = t.id\n")
_LOCKING = f"{_LOOKING} for update of t"


async def load_case(sql: asyncpg.Connection, task: UUID, *, verb: str = "") -> Case | None:
    """The task with its request, basis, offer, places and hold; None where the scope does not see it.

    With a `verb` it is loaded for that move: others of the same task wait, and then find another version. A sending
    needs no lock, since its version is compared in the statement that writes it, but it wants to know whom to tell.
    """
    sending = verb == Verb.SEND
    question = _SENDING[bool(settings().sms_url)] if sending else _LOCKING if verb else _LOOKING
    found: Case | None = await sql.fetchrow(question, task, clock.today())
    if found is not None and clock.is_of_the_past() and (found["recorded_at"] or clock.now()) > clock.now():
        # A number saved since then leaves out whoever was accepted before it: no place is counted a second time.
        return {**found, "places_free": None, "said": None, "waiting": None, "as_of": None}
    return found


def standing(actor: Actor, case: Mapping[str, Any]) -> Party | None:
    """For which party an actor in its present role speaks about this task; None: may look, not move."""
    if actor.kind == "system":
        return Party.SYS
    if actor.kind == "participant":
        return Party.PAR
    if actor.kind == "guest":
        return Party.RCV
    held = actor.by_role.get(actor.role, frozenset())
    if actor.role == "caseworker" and actor.institution == case["sender"] and Permission.REFERRAL_SEND in held:
        return Party.SND
    if Permission.REFERRAL_ANSWER in held and actor.institution == case["receiver"]:
        return Party.RCV
    if actor.role == "coordinator" and Permission.REFERRAL_READ in held:
        return Party.COO
    return None


_ABOUT_REFERRALS: Final = frozenset(
    {
        Permission.REFERRAL_READ,
        Permission.REFERRAL_SEND,
        Permission.REFERRAL_ANSWER,
        Permission.DISCREPANCY_SETTLE,
        Permission.MEETING_ENROL,
        Permission.ATTENDANCE_MARK,
    }
)


def in_each_role(actor: Actor) -> list[Actor]:
    """The actor in every role that has to do with referrals, the acting one first; link holders and the clock have one.

    Who has no such role (a program's key for something else) is asked in those it has.
    """
    if actor.kind != "account":
        return [actor]
    roles = [role for role in (actor.role, *actor.roles) if role in actor.by_role]
    about = [role for role in roles if actor.by_role[role] & _ABOUT_REFERRALS]
    return [actor.acting_as(role) for role in dict.fromkeys(about or roles)]


def may_see_data(actor: Actor, case: Mapping[str, Any]) -> bool:
    """An account of the receiver sees a person only while its agreement or other basis holds; a link needs none."""
    return actor.kind != "account" or actor.institution != case["receiver"] or bool(case["receiver_bound"])


def asks_code(case: Mapping[str, Any]) -> bool:
    """Whether links show the person after a code only: going there is protected itself, or the institution wishes it.

    `case` has `protected` (the offer says so), `own_code`, `form` and `receiver_kind`.
    """
    sensitive = is_sensitive("kind", case["receiver_kind"]) or is_sensitive("form", case["form"])
    return bool(case["protected"] or case["own_code"] or sensitive)


def has_code(actor: Actor, case: Mapping[str, Any]) -> bool:
    """Whether nothing of the person is shut to this actor: only the holder of a link is ever asked for a code."""
    return actor.kind != "guest" or actor.code_given or not asks_code(case)


def basis_of(case: Mapping[str, Any]) -> Basis | None:
    """The task's legal basis, where there is one and the scope sees it."""
    if case["basis_kind"] is None:
        return None
    return Basis(
        kind=Kind(case["basis_kind"]),
        ground=case["ground"],
        recipient=case["basis_receiver"],
        fields=frozenset(case["basis_fields"]),
        purpose=case["purpose"],
        until=case["basis_until"],
        withdrawn=case["withdrawn_at"] is not None,
        given_how=case["given_how"],
    )


def facts_of(
    case: Mapping[str, Any],
    now: datetime,
    *,
    channel: Channel = Channel.SELF,
    fields: Mapping[str, object] | None = None,
    criminal_groups: bool = False,
    second_person: str = "nobody",
    receiver_bound: bool = True,
    passed_by: int = 0,
    code_given: bool = True,
) -> Facts:
    """The facts of the pure rules."""
    today = now.astimezone(WARSAW).date()
    places = capacity(case, case["rhythm"], today)
    shown = case["visible_from"] is None or case["visible_from"] <= today
    return Facts(
        now=now,
        channel=channel,
        fields=fields or {},
        basis=basis_of(case),
        receiver=case["receiver"],
        criminal_groups=criminal_groups,
        sender_bound=case["sender_bound"],
        receiver_bound=receiver_bound,
        no_data=case["no_data"],
        held_back=case["held_back"],
        asked_elsewhere=bool(case["asked_elsewhere"]),
        sharing_ended=case["sharing_ended"],
        code_given=code_given,
        offer_open=shown and case["offer_status"] == "published" and case["receiver_status"] == "published",
        freshness=places.freshness,
        capacity=places.status,
        available=places.free,
        own_hold=case["hold_state"] == "held",
        kept_for_others=case["kept_for_others"],
        passed_by=passed_by,
        place_freed=case["hold_state"] == "freed" and case["hold_taken_at"] is not None,
        appointment=appointment_day(case["appointment_at"]),
        escalate_on=case["escalate_on"],
        expire_on=case["expire_on"],
        ended_at=case["ended_at"],
        second_person=second_person,  # type: ignore[arg-type]
    )


def appointment_day(moment: str) -> date | None:
    """The day of an appointment as it is kept ("2026-05-13" or "2026-05-13T10:30")."""
    return date.fromisoformat(moment[:10]) if moment else None


def running_of(case: Mapping[str, Any]) -> Running:
    """The task's clock as the rules know it."""
    return Running(
        on=Party(case["clock"]) if case["clock"] else None,
        due_on=case["due_on"],
        escalate_on=case["escalate_on"],
        expire_on=case["expire_on"],
        review_on=case["review_on"],
        days_left=case["days_left"],
    )


def times_of(case: Mapping[str, Any]) -> Times:
    """The task's clock times: the network's own, else the defaults; slow where the vocabulary calls the kind so."""
    kind = case["receiver_kind"]
    own = {of: Times(*map(int, days)) for of, *days in (line.split(" ") for line in case["clock_settings"])}
    return times_for(own, case["priority"], kind, slow=clock_class(kind) == SLOW)


def state_before_cancel(case: Mapping[str, Any]) -> State | None:
    """Where `keep` returns to."""
    return State(case["before_cancel"]) if case["before_cancel"] else None
