"""Reminding a receiver whose turn it is: by hand, one or many, at most once within a business day.

From a page a reminder waits half a minute, as a sending does: until its job lets it go it can be taken back.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import audit_line
from referral_hub.audit.events import Event
from referral_hub.clock import WARSAW
from referral_hub.database.transaction import SYSTEM, retrying, transaction
from referral_hub.database.writes import write_all
from referral_hub.directory.business_days import business_days_between
from referral_hub.jobs.actions import wish
from referral_hub.referrals.case import Case, load_case
from referral_hub.referrals.drafts import sending
from referral_hub.referrals.emails import letters_to_receiver
from referral_hub.referrals.states import FINAL, State

_TAKEN_BACK = """delete from job where key = $1 and done_at is null and failed_at is null
and (locked_until is null or locked_until < $2) returning payload ->> 'before'"""


class Told(Struct, frozen=True):
    """What became of one row: `code` is `told.<code>`; `number` is '' for a referral the actor does not know."""

    task: UUID
    number: str
    code: str

    @property
    def done(self) -> bool:
        """Whether what was asked for happened."""
        return self.code in ("reminded", "handed_over", "withdrawn", "cancel_asked", "removed", "reminder_back")


def lately(moment: datetime | None, today: date) -> bool:
    """Whether less than a business day has passed since."""
    return moment is not None and business_days_between(moment.astimezone(WARSAW).date(), today) < 1


def why_not(case: Case | Any, today: date) -> str:
    """The code that says why a receiver is not reminded now; '' where it may be."""
    if State(case["state"]) in FINAL or case["clock"] != "RCV" or case["no_data"]:
        return "nobody_waits"
    if case["sharing_ended"]:
        return "sharing_ended"
    if case["held_back"] or lately(case["sent_at"], today):
        return "sent_lately"
    return "reminded_lately" if lately(case["reminded_at"], today) else ""


async def remind(tasks: Sequence[UUID], *, actor: Actor, hold_back: int = 0) -> list[Told]:
    """Remind the receiver of each; what became of it, in the order asked. Raises NotAllowed.

    `hold_back`: seconds for which the mails wait and can be taken back.
    """
    actor = sending(actor)
    # One order of locks for all, so that two people who mark the same referrals do not wait for each other.
    told = {task: await _remind(task, actor, hold_back) for task in sorted(set(tasks))}
    return [told[task] for task in dict.fromkeys(tasks)]


@retrying
async def _remind(task: UUID, actor: Actor, hold_back: int) -> Told:
    async with transaction(actor.scope, by_key=True) as sql:
        case = await load_case(sql, task, verb="remind")
        if case is None or case["sender"] != actor.institution:
            return Told(task, "", "not_yours")
        if refused := why_not(case, clock.today()):
            return Told(task, case["number"], refused)
        letters = await letters_to_receiver(sql, case, "referral_reminder", by=actor.scope)
        if not letters:
            return Told(task, case["number"], "phone_instead")
        now, before = clock.now(), case["reminded_at"]
        await sql.execute("update referral_task set reminded_at = $2 where id = $1", task, now)
        if hold_back:
            kept = {"task": str(task), "at": now.isoformat(), "before": before.isoformat() if before else ""}
            letters = [wish("reminder_leaves", kept, run_at=now + timedelta(seconds=hold_back), key=_key(task))]
        line = audit_line(Event.REFERRAL_REMIND, by=actor.scope, subject=("referral", task), facts={"of": "RCV"})
        await write_all(sql, [line, *letters])
    return Told(task, case["number"], "reminded")


async def let_reminder_go(payload: dict[str, Any]) -> None:
    """The mails of a reminder nobody took back, if the receiver is still asked."""
    task = UUID(payload["task"])
    async with transaction(SYSTEM, by_key=True) as sql:
        case = await load_case(sql, task, verb="remind")
        if case is None or case["reminded_at"] != datetime.fromisoformat(payload["at"]):
            return
        if not why_not({**case, "reminded_at": None}, clock.today()):
            await write_all(sql, await letters_to_receiver(sql, case, "referral_reminder", by=SYSTEM))


async def take_back(tasks: Sequence[UUID], *, actor: Actor) -> list[Told]:
    """Take reminders back before they leave; what became of each, in the order asked. Raises NotAllowed."""
    actor = sending(actor)
    told = {task: await _take_back(task, actor) for task in sorted(set(tasks))}
    return [told[task] for task in dict.fromkeys(tasks)]


@retrying
async def _take_back(task: UUID, actor: Actor) -> Told:
    async with transaction(actor.scope, by_key=True) as sql:
        case = await load_case(sql, task, verb="remind")
        if case is None or case["sender"] != actor.institution:
            return Told(task, "", "not_yours")
        before = await sql.fetchval(_TAKEN_BACK, _key(task), clock.now())
        if before is None:
            return Told(task, case["number"], "reminder_left")
        moment = datetime.fromisoformat(before) if before else None
        await sql.execute("update referral_task set reminded_at = $2 where id = $1", task, moment)
        facts = {"what": "remind"}
        await write_all(sql, [audit_line(Event.REFERRAL_UNDO, by=actor.scope, subject=("referral", task), facts=facts)])
    return Told(task, case["number"], "reminder_back")


def _key(task: UUID) -> str:
    return f"remind:{task}"
