"""Whether the person came, in one tap: also where the day was only named with the acceptance, or never."""

from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import retrying, transaction
from referral_hub.errors import NotFound
from referral_hub.referrals.actions import perform
from referral_hub.referrals.case import appointment_day
from referral_hub.referrals.states import State, Verb

_TASK = "select state, appointment_at, appointment_place from referral_task where id = $1"
MARKED = (State.ACCEPTED, State.SCHEDULED, State.IN_PROGRESS)


@retrying
async def mark_attendance(task: UUID, attendance: str, *, actor: Actor, version: int) -> None:
    """Write down what came of the appointment (`fields.ATTENDANCE`); rows 10 and 11 of the table, in one transaction.

    A day that came with the acceptance is an appointment as soon as somebody says what came of it; without one the
    appointment was today. Raises NotFound where the actor may not see the referral, and what `perform` does.
    """
    async with transaction(actor.scope, by_key=True) as sql:
        row = await sql.fetchrow(_TASK, task)
        if row is None:
            raise NotFound
        if row["state"] == State.ACCEPTED:
            at = row["appointment_at"] or clock.today().isoformat()
            fields = {"date": at, "place": row["appointment_place"]}
            await perform(task, actor=actor, verb=Verb.SCHEDULE, version=version, fields=fields, keeps_link=True)
            version += 1
        await perform(
            task, actor=actor, verb=Verb.ATTEND, version=version, fields={"attendance": attendance}, keeps_link=True
        )


def may_be_marked(state: str, appointment_at: str, *, sharing_ended: bool) -> bool:
    """Whether a page asks today if the person came; of an acceptance without a day there is nothing to ask yet."""
    day = appointment_day(appointment_at)
    known = day is not None or state != State.ACCEPTED
    return state in MARKED and known and not sharing_ended and (day is None or day <= clock.today())
