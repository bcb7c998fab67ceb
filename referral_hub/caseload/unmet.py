"""Needs that nobody met: noted in two presses wherever a search, silence or answers end in nothing, without a person.

Outside the club a number from one to four is shown as "fewer than five", and no totals stand beside it to take it from.
Nor is a number shown that leaves one to four when a reader takes away what its own institution noted.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.cooperation.queries import is_of_the_club
from referral_hub.cooperation.secrecy import SMALL
from referral_hub.database.transaction import SYSTEM, retrying, transaction
from referral_hub.errors import NotAllowed, NotFound, Refused
from referral_hub.referrals.case import load_case
from referral_hub.referrals.drafts import sending
from referral_hub.referrals.feedback import add_unmet_need
from referral_hub.referrals.states import FINAL_STATES, State

WHYS: Final = ("no_offer", "no_places", "expired", "declined")
YEAR: Final = timedelta(days=365)
_MET = ("need_met_elsewhere", "duplicate")
_NOTED = """select exists (select 1 from unmet_need u join referral_task t on t.id = u.task
  where t.request = $1) as noted,
 exists (select 1 from referral_task where request = $1 and not state = any($2::text[])) as going_on"""
_WHY: Final = {State.EXPIRED: "expired"}
_COUNTS = """select need, gmina, why, count(*) as number, count(*) filter (where institution = $3) as own
from unmet_need where at >= $1 and ($2::uuid is null or institution = $2) group by need, gmina, why
order by number desc, need, gmina, why limit 500"""


class Lack(Struct, frozen=True):
    """How often one need stayed unmet in one gmina for one reason; `number` is None where it is small and hidden."""

    need: str
    gmina: str
    why: str
    number: int | None


class Lacks(Struct, frozen=True):
    """The lacks of a year; `whole` says that they are the network's, not one institution's; `hidden` that some hide."""

    rows: list[Lack]
    whole: bool
    hidden: bool


async def unmet_needs(actor: Actor) -> Lacks:
    """The network's lacks for who reads reports, the own institution's for its caseworkers. Raises NotAllowed."""
    whole = actor.may(Permission.REPORT_READ)
    if not whole and not actor.may(Permission.REFERRAL_SEND):
        raise NotAllowed
    actor = actor.acting_for(Permission.REPORT_READ if whole else Permission.REFERRAL_SEND)
    # What an institution noted itself it knows anyway.
    in_full = not whole or await is_of_the_club(actor.institution)
    async with transaction(actor.scope) as sql:
        found = await sql.fetch(_COUNTS, clock.now() - YEAR, None if whole else actor.institution, actor.institution)
    rows = [
        Lack(row["need"], row["gmina"], row["why"], row["number"] if in_full or _tells_no_few(row) else None)
        for row in found
    ]
    if not in_full:
        # The order of hidden numbers would say which is larger.
        rows.sort(key=lambda row: (-(row.number or 0), row.need, row.gmina, row.why))
    return Lacks(rows, whole, any(row.number is None for row in rows))


def _tells_no_few(row: Mapping[str, int]) -> bool:
    """Whether neither all of them nor the others' are one to four; its own a reader knows."""
    return row["number"] >= SMALL and not 0 < row["number"] - row["own"] < SMALL


async def may_note(request: UUID, state: State, reason: str, actor: Actor) -> str:
    """„open” where nobody of a request helped and nothing is noted, „noted” where it is; '' for anything else.

    `state` and `reason` are those of one of its tasks.
    """
    if not _helpless(state, reason):
        return ""
    async with transaction(sending(actor).scope, by_key=True) as sql:
        row = await sql.fetchrow(_NOTED, request, FINAL_STATES)
    return "noted" if row["noted"] else "" if row["going_on"] else "open"


def _helpless(state: State, reason: str) -> bool:
    """Whether nobody helped; a need met elsewhere is met."""
    return state in (State.DECLINED, State.EXPIRED, State.NOT_DELIVERED) and reason not in _MET


@retrying
async def note_unmet_of(task: UUID, *, actor: Actor) -> None:
    """Note the need of a request that nobody met: its need and gmina, no person. Once for each request.

    Raises NotFound, Refused `somebody_may_still_help` or `unmet_noted`.
    """
    actor = sending(actor)
    async with transaction(actor.scope) as sql:
        case = await load_case(sql, task, verb="unmet")
        if case is None or case["sender"] != actor.institution:
            raise NotFound
        state = await may_note(case["request"], State(case["state"]), case["reason"], actor)
        if state != "open":
            raise Refused("unmet_noted" if state else "somebody_may_still_help")
        why = _WHY.get(State(case["state"]), "declined")
        async with transaction(SYSTEM) as system:
            gmina = await system.fetchval("select gmina from participant where id = $1", case["participant"])
        await add_unmet_need(
            sql, institution=case["sender"], need=case["need"], gmina=gmina or "", why=why, task=case["id"]
        )
        await record(Event.UNMET_NEED, by=actor.scope, facts={"need": case["need"], "why": why})
