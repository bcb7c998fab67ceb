"""What a referral's page, and the person's own page, show of meetings."""

from typing import Final
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.attendance.enrolling import OPEN_TO, speaks
from referral_hub.attendance.own_days import appointment_moment, is_ahead
from referral_hub.attendance.queries import chosen_by
from referral_hub.database.transaction import transaction
from referral_hub.referrals.attachments import Attachment
from referral_hub.referrals.case import in_each_role
from referral_hub.timetable.queries import Sees, has_meetings, leader_text

_ASKED = """select offer, state, no_data, sharing_ended, sender, receiver, number, appointment_at
from referral_task where id = $1"""
LAST: Final = 3


async def referral_attachment(task: UUID, actor: Actor, language: str) -> Attachment | None:
    """The meetings chosen for it, and the way to choose some; to the person those to come, in plain words."""
    row = None
    for one in in_each_role(actor):
        async with transaction(one.scope, by_key=True) as sql:
            row = await sql.fetchrow(_ASKED, task)
        if row is not None:
            actor = one
            break
    if row is None:
        return None
    person = actor.kind == "participant"
    sees: Sees = "accepted" if person or actor.kind == "guest" else "all"
    chosen = await chosen_by(task, actor=actor, sees=sees)
    ahead = [one for one in chosen if one.met.ends_at > clock.now()]
    if person:
        agreed = appointment_moment(row["appointment_at"])
        told = {
            "task": task,
            "number": row["number"],
            "chosen": ahead,
            "leader": lambda code: leader_text(code, language),
        }
        dated = ahead or (agreed is not None and is_ahead(agreed, clock.now()))
        return Attachment("attendance/own_part.html", told) if dated else None
    may = speaks(actor, row) and not row["no_data"] and not row["sharing_ended"]
    open_now = may and row["state"] in OPEN_TO and await has_meetings(row["offer"])
    if not chosen and not open_now:
        return None
    facts = {
        "task": task,
        "ahead": ahead,
        "over": [one for one in chosen if one not in ahead][-LAST:],
        "may_enrol": open_now,
        "may_look": may,
    }
    return Attachment("attendance/referral_part.html", facts, "next")
