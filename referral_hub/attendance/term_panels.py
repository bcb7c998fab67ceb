"""What a referral's page, and the person's own page, show of its term."""

from referral_hub.accounts.actor import Actor
from referral_hub.attendance.enrolling import OPEN_TO, speaks
from referral_hub.attendance.term_enrolment import terms_chosen
from referral_hub.referrals.attachments import Attachment
from referral_hub.referrals.referral import Referral
from referral_hub.timetable.terms_queries import next_terms


async def term_attachment(found: Referral, actor: Actor, language: str) -> Attachment | None:
    """The term it has a place in, and the way to choose one."""
    chosen = await terms_chosen(found.id, actor=actor)
    may = speaks(actor, found.sides) and not (found.no_data or found.held_back or found.sharing_ended)
    open_now = may and found.state in OPEN_TO and any(term.state == "open" for term in await next_terms(found.offer.id))
    if not chosen and not open_now:
        return None
    facts = {"task": found.id, "chosen": chosen, "may": may and (open_now or chosen)}
    return Attachment("terms/referral_part.html", facts, "next")
