"""A guest has no worklist: after the agreed day a fresh link asks whether the person came, a month on how it ended."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from referral_hub import clock
from referral_hub.audit.actions import audit_line
from referral_hub.audit.events import Event
from referral_hub.clock import WARSAW
from referral_hub.database.transaction import SYSTEM, retrying, transaction
from referral_hub.database.writes import write_all
from referral_hub.directory.business_days import add_business_days
from referral_hub.referrals.case import RECEIVERS, appointment_day, load_case
from referral_hub.referrals.emails import letters_to_receiver
from referral_hub.upkeep.office_hours import next_office_moment

ATTENDANCE: Final = "referral_attendance"
OUTCOME: Final = "referral_outcome"
OUTCOME_AFTER: Final = timedelta(days=30)
"""As long as a link works: whoever holds one that works is not sent another."""
_BATCH: Final = 500
_DUE: Final = """select t.id, t.appointment_at, max(l.made_at) as asked_at,
 (select max(e.at) from task_event e where e.task = t.id and e.verb = 'attend') as marked_at
from referral_task t join link l on l.subject = t.id and l.kind = 'a'
where t.state in ('accepted', 'scheduled', 'in_progress') and not t.sharing_ended and not t.no_data
and ($4::uuid is null or t.id = $4)
group by t.id having max(l.made_at) < $1 or (t.appointment_at <> '' and left(t.appointment_at, 10)::date < $2
 and max(l.made_at) < left(t.appointment_at, 10)::date + 2)
order by t.id limit $3"""


def what_is_due(appointment: str, asked_at: datetime, marked_at: datetime | None, now: datetime) -> str:
    """The template of what to ask now, or ''. Pure.

    The day is asked after from its next business day on, once: a link made since that day has asked already.
    """
    today, day = now.astimezone(WARSAW).date(), appointment_day(appointment)
    if day is not None and add_business_days(day, 1) <= today and asked_at.astimezone(WARSAW).date() <= day:
        unmarked = marked_at is None or marked_at.astimezone(WARSAW).date() < day
        if unmarked:
            return ATTENDANCE
    return OUTCOME if asked_at <= now - OUTCOME_AFTER else ""


async def ask_guests() -> int:
    """One round, in office hours only; how many were asked. Each asking makes a link, so no round asks twice."""
    now, asked = clock.now(), 0
    if next_office_moment(now) > now:
        return 0
    async with transaction(SYSTEM) as sql:
        rows = await sql.fetch(_DUE, now - OUTCOME_AFTER, clock.today(), _BATCH, None)
    for row in rows:
        if what_is_due(row["appointment_at"], row["asked_at"], row["marked_at"], now):
            asked += await _ask(row["id"])
    return asked


@retrying
async def _ask(task: UUID) -> int:
    now = clock.now()
    async with transaction(SYSTEM) as sql:
        # Asked again behind the lock, so that two workers send one message.
        case = await load_case(sql, task, verb="due")
        rows = await sql.fetch(_DUE, now - OUTCOME_AFTER, clock.today(), 1, task)
        told = await sql.fetchrow(RECEIVERS, task, clock.today())
        if case is None or not rows or (told["intake"] and told["receiver_bound"]):
            # Accounts have their list.
            return 0
        template = what_is_due(rows[0]["appointment_at"], rows[0]["asked_at"], rows[0]["marked_at"], now)
        letters = await letters_to_receiver(sql, case, template, by=SYSTEM) if template else []
        if not letters:
            return 0
        line = audit_line(Event.REFERRAL_REMIND, by=SYSTEM, subject=("referral", task), facts={"of": "RCV"})
        await write_all(sql, [line, *letters])
        return 1
