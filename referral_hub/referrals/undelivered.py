"""A message about a referral that did not arrive: another way is tried, and the caseworker is told to phone."""

from typing import Any
from uuid import UUID

from referral_hub.audit.actions import audit_line
from referral_hub.audit.events import Event
from referral_hub.database.transaction import SYSTEM, retrying, transaction
from referral_hub.database.writes import Write, write_all
from referral_hub.referrals.case import load_case
from referral_hub.referrals.emails import letters_to_keeper, letters_to_receiver
from referral_hub.referrals.states import FINAL, State

_IS_KEEPERS = "select exists (select 1 from account where id = $1 and email = lower($2))"


@retrying
async def follow_undelivered(payload: dict[str, Any]) -> None:
    """A text message is followed by mail; where mail was refused for good, or there is none, somebody has to phone.

    Payload: channel, address, subject_id, for_good. What concerns no open referral, or its caseworker's own mailbox,
    is left to others.
    """
    if not payload.get("subject_id"):
        return
    task = UUID(payload["subject_id"])
    async with transaction(SYSTEM) as sql:
        case = await load_case(sql, task, verb="tell")
        if case is None or State(case["state"]) in FINAL or case["no_data"] or case["held_back"]:
            return
        if await sql.fetchval(_IS_KEEPERS, case["keeper"], payload["address"]):
            return
        letters: list[Write] = []
        if payload["channel"] == "sms":
            template = "referral_new" if case["state"] == State.SENT else "referral_news"
            letters = await letters_to_receiver(sql, case, template, by=SYSTEM, by_text=False)
        elif not payload["for_good"]:
            return
        if not letters:
            letters = await letters_to_keeper(sql, case, "referral_undelivered")
        line = audit_line(Event.REFERRAL_REMIND, by=SYSTEM, subject=("referral", task), facts={"of": "undelivered"})
        await write_all(sql, [line, *letters])
