"""Tasks of one request that run side by side: who else is asked, and what becomes of them when one accepts.

Nothing closes by itself: the sender closes the others with a reason, or keeps them on purpose.
"""

from typing import Final
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import audit_line
from referral_hub.audit.events import Event
from referral_hub.database.transaction import retrying, transaction
from referral_hub.database.writes import write_all
from referral_hub.errors import NotFound, Problem, Refused
from referral_hub.referrals.actions import perform
from referral_hub.referrals.case import load_case
from referral_hub.referrals.drafts import sending
from referral_hub.referrals.ending import ends_by, reasons_to_end
from referral_hub.referrals.history import history_line
from referral_hub.referrals.states import FINAL, OPEN, UNDER_WAY, Channel, Party, State, Verb

USUAL_REASON: Final = "need_met_elsewhere"
KEPT: Final = "keep_others"
CLOSED: Final = "close_others"
"""Words of the history; no moves of the lifecycle: each of the others is closed by its own move."""

_OTHERS = """select t.id, t.number, t.state, t.version, t.offer, o.title as offer_title, i.name as receiver_name
from referral_task t join offer o on o.id = t.offer join institution i on i.id = t.receiver
where t.request = $1 and t.id <> $2 and t.state <> 'void' order by t.made_at, t.id"""


class Sister(Struct, frozen=True, kw_only=True):
    """Another task of the same request."""

    id: UUID
    number: str
    state: str
    version: int
    offer: UUID
    offer_title: str
    receiver_name: str

    @property
    def undecided(self) -> bool:
        """Whether somebody has still to close or keep it."""
        return self.state == State.DRAFT or self.state in OPEN - {State.CANCEL_REQUESTED}


class Others(Struct, frozen=True, kw_only=True):
    """The other tasks of a request; `asks`: this one is accepted, and the sender is asked about the open ones."""

    request: UUID
    together: bool
    tasks: list[Sister]
    asks: bool
    kept: bool
    batch: UUID | None = None

    @property
    def undecided(self) -> list[Sister]:
        """Those a decision is about."""
        return [task for task in self.tasks if task.undecided]


async def others_of(actor: Actor, task: UUID) -> Others:
    """The other tasks of the request of one of the actor's own tasks. Raises NotAllowed, NotFound."""
    actor = sending(actor)
    async with transaction(actor.scope, by_key=True) as sql:
        return await _others(sql, actor, task)


async def _others(sql: asyncpg.Connection, actor: Actor, task: UUID) -> Others:
    row = await sql.fetchrow(
        """select t.request, t.state, q.together, q.others_kept_at, q.batch from referral_task t
        join referral_request q on q.id = t.request where t.id = $1 and t.sender = $2""",
        task,
        actor.institution,
    )
    if row is None:
        raise NotFound
    tasks = [Sister(**dict(one)) for one in await sql.fetch(_OTHERS, row["request"], task)]
    asks = row["state"] in UNDER_WAY and row["others_kept_at"] is None and any(one.undecided for one in tasks)
    return Others(
        request=row["request"],
        together=row["together"],
        tasks=tasks,
        asks=asks,
        kept=row["others_kept_at"] is not None,
        batch=row["batch"],
    )


def reasons_to_close() -> list[str]:
    """The coded reasons for which a sender both withdraws and asks to cancel, the usual one first; none needs words."""
    plain = [code for code in reasons_to_end() if code not in ("other", "entered_in_error")]
    return sorted(plain, key=lambda code: code != USUAL_REASON)


@retrying
async def keep_others(task: UUID, *, actor: Actor) -> None:
    """The others go on, on purpose: two kinds of help are needed. Raises NotFound, Refused `nothing_to_decide`."""
    actor = sending(actor)
    async with transaction(actor.scope, by_key=True) as sql:
        others = await _asked(sql, actor, task)
        moment = clock.now()
        await sql.execute("update referral_request set others_kept_at = $2 where id = $1", others.request, moment)
        await _remember(sql, actor, task, KEPT, [one.number for one in others.undecided], "")


@retrying
async def close_others(task: UUID, *, actor: Actor, reason: str = USUAL_REASON) -> list[Sister]:
    """Close the others, all or none: drafts are thrown away, those waiting withdrawn, those under way asked to end.

    Answers those left open: where the person ended the sharing only their own word closes. Raises NotFound,
    Refused `nothing_to_decide`, Refused("invalid").
    """
    actor = sending(actor)
    if reason not in reasons_to_close():
        raise Refused("invalid", [Problem("reason", "not_a_choice", {"choices": reasons_to_close()})])
    async with transaction(actor.scope, by_key=True) as sql:
        others = await _asked(sql, actor, task)
        left = [one for one in others.undecided if not await _close(actor, one, reason)]
        gone = [one.number for one in others.undecided if one not in left]
        if left:
            # Asked once: what could not be closed is told on its own page.
            await sql.execute(
                "update referral_request set others_kept_at = $2 where id = $1", others.request, clock.now()
            )
        await _remember(sql, actor, task, CLOSED, gone, reason)
    return left


async def _asked(sql: asyncpg.Connection, actor: Actor, task: UUID) -> Others:
    locked = "select q.id from referral_request q join referral_task t on t.request = q.id where t.id = $1"
    await sql.fetchval(f"{locked} for update of q", task)
    others = await _others(sql, actor, task)
    if not others.asks:
        raise Refused("nothing_to_decide")
    return others


async def _close(actor: Actor, one: Sister, reason: str) -> bool:
    verb = ends_by(State(one.state)) or Verb.REQUEST_CANCEL
    fields = {} if verb is Verb.VOID else {"reason": reason}
    try:
        await perform(one.id, actor=actor, verb=verb, version=one.version, fields=fields)
    except Refused as refusal:
        if verb is not Verb.REQUEST_CANCEL or refusal.code not in ("sharing_goes_on", "receiver_was_told"):
            raise
        return False
    return True


async def _remember(
    sql: asyncpg.Connection, actor: Actor, task: UUID, word: str, numbers: list[str], reason: str
) -> None:
    case = await load_case(sql, task)
    if case is None:
        raise NotFound
    line = history_line(
        task=task,
        verb=word,
        before=case["state"],
        after=case["state"],
        party=Party.SND,
        channel=Channel.SELF,
        by=actor.scope,
        version=case["version"],
        facts={"reason": reason} if reason else {},
    )
    facts = {"decision": word, "number": case["number"], "others": numbers}
    await write_all(
        sql, [line, audit_line(Event.REFERRAL_OTHERS, by=actor.scope, subject=("referral", task), facts=facts)]
    )


class Waiting(Struct, frozen=True):
    """An accepted task whose sisters wait for a decision."""

    id: UUID
    number: str
    case_code: str
    receiver_name: str
    others: int


_WAITING = f"""select t.id, t.number, q.case_code, i.name as receiver_name, count(o.id) as others
from referral_request q join referral_task t on t.request = q.id join institution i on i.id = t.receiver
join referral_task o on o.request = q.id and o.id <> t.id
 and o.state not in ({", ".join(f"'{state}'" for state in sorted(FINAL | {State.CANCEL_REQUESTED}))})
where q.sender = $1 and q.together and q.others_kept_at is null and q.state = 'open'
 and t.state in ({", ".join(f"'{state}'" for state in sorted(UNDER_WAY))}) and ($2::uuid is null or t.keeper = $2)
group by t.id, t.number, q.case_code, i.name, q.id order by t.number limit 20"""  # noqa: S608 -- our own words


async def waiting_to_decide(actor: Actor, *, mine: bool = False) -> list[Waiting]:
    """Accepted tasks of the actor's institution (or the actor's own) whose others are still open; for its senders."""
    actor = sending(actor)
    async with transaction(actor.scope, by_key=True) as sql:
        rows = await sql.fetch(_WAITING, actor.institution, actor.account if mine else None)
    return [Waiting(**dict(row)) for row in rows]
