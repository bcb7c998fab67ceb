"""What a referral's page, and the person's own page, show of its term."""

from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.attendance.enrolling import OPEN_TO, speaks
from referral_hub.attendance.term_enrolment import terms_chosen
from referral_hub.database.transaction import transaction
from referral_hub.referrals.attachments import Attachment
from referral_hub.referrals.case import in_each_role
from referral_hub.timetable.terms_queries import next_terms

_ASKED = "select offer, state, no_data, sharing_ended, sender, receiver from referral_task where id = $1"


async def term_attachment(task: UUID, actor: Actor, language: str) -> Attachment | None:
    """The term it has a place in, and the way to choose one."""
    row = None
    for one in in_each_role(actor):
        async with transaction(one.scope, by_key=True) as sql:
            row = await sql.fetchrow(_ASKED, task)
        if row is not None:
            break
    if row is None:
        return None
    chosen = await terms_chosen(task, actor=actor)
    may = speaks(actor, row) and not row["no_data"] and not row["sharing_ended"]
    open_now = may and row["state"] in OPEN_TO and any(term.state == "open" for term in await next_terms(row["offer"]))
    if not chosen and not open_now:
        return None
    facts = {"task": task, "chosen": chosen, "may": may and (open_now or chosen)}
    return Attachment("terms/referral_part.html", facts, "next")
