"""What a referral's page, and the person's own page, show of meetings."""

from typing import Final

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.attendance.enrolling import OPEN_TO, speaks
from referral_hub.attendance.own_days import appointment_moment, is_ahead
from referral_hub.attendance.queries import chosen_by
from referral_hub.referrals.attachments import Attachment
from referral_hub.referrals.referral import Referral
from referral_hub.timetable.queries import Sees, has_meetings, leader_text

LAST: Final = 3


async def referral_attachment(found: Referral, actor: Actor, language: str) -> Attachment | None:
    """The meetings chosen for it, and the way to choose some; to the person those to come, in plain words."""
    person = actor.kind == "participant"
    sees: Sees = "accepted" if person or actor.kind == "guest" else "all"
    chosen = await chosen_by(found.id, actor=actor, sees=sees)
    ahead = [one for one in chosen if one.met.ends_at > clock.now()]
    if person:
        agreed = appointment_moment(found.appointment_at)
        told = {
            "task": found.id,
            "number": found.number,
            "chosen": ahead,
            "leader": lambda code: leader_text(code, language),
        }
        dated = ahead or (agreed is not None and is_ahead(agreed, clock.now()))
        return Attachment("attendance/own_part.html", told) if dated else None
    may = speaks(actor, found.sides) and not (found.no_data or found.held_back or found.sharing_ended)
    open_now = may and found.state in OPEN_TO and await has_meetings(found.offer.id)
    if not chosen and not open_now:
        return None
    facts = {
        "task": found.id,
        "ahead": ahead,
        "over": [one for one in chosen if one not in ahead][-LAST:],
        "may_enrol": open_now,
        "may_look": may,
    }
    return Attachment("attendance/referral_part.html", facts, "next")
