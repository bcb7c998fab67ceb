"""Text messages by an HTTP gateway: `POST {"to": "+48601123456", "text": "…", "reference": "<id>"}` as JSON.

The gateway is `REFERRAL_HUB_SMS_URL`; a user and password in it become basic authentication. Any 2xx means taken; 4xx
(but 408 and 429) means that this number or text is refused for good; all else is tried again for a while, and then
the message counts as undelivered, so that the room that wished for it finds another way. Facts wait sealed, as mail's
do; a number never reaches a log whole.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import httpx
import structlog

from referral_hub import clock
from referral_hub.database.columns import new_id
from referral_hub.database.writes import Write
from referral_hub.jobs.actions import enqueue, wish
from referral_hub.mail.actions import facts_of, sealed_payload, template_text
from referral_hub.mail.delivery import note_refused, note_sent
from referral_hub.mail.gsm import fits, plain, shortened
from referral_hub.settings import settings

TRIED_FOR: Final = timedelta(minutes=10)
_PATIENT: Final = frozenset({408, 429})
_log = structlog.get_logger("sms")


class NotTaken(RuntimeError):
    """The gateway did not take the message this time."""


def text_message(
    to: str,
    template: str,
    language: str,
    facts: Mapping[str, object],
    *,
    institution: UUID | None = None,
    subject_id: UUID | None = None,
) -> Write:
    """The text message as a write, for a change that gathers all it leaves behind; arguments as in `queue_sms`."""
    return wish("send_sms", _tracked(sealed_payload(to, template, language, facts, institution, subject_id)))


async def queue_sms(
    to: str,
    template: str,
    language: str,
    facts: Mapping[str, object],
    *,
    institution: UUID | None = None,
    subject_id: UUID | None = None,
) -> None:
    """Wish for a text message from `templates/email/<template>/<language>/sms.txt` after this transaction commits.

    `to` is a Polish number of nine digits or one with its country code. The template has `institution`, a name that
    gives way where space is short ('' for none), and `link` to fill in.
    """
    await enqueue("send_sms", _tracked(sealed_payload(to, template, language, facts, institution, subject_id)))


def compose_sms(template: str, language: str, facts: Mapping[str, Any]) -> str:
    """One message: in its language where it fits, else in Polish; the name gives way, never the link."""
    for one in dict.fromkeys((language, "pl")):
        known = template_text(template, one, "sms.txt", {**facts, "institution": "{name}"})
        text = known if one == "uk" else plain(known)
        name = str(facts["institution"]) if one == "uk" else plain(str(facts["institution"]))
        found = shortened(text, name)
        if fits(found):
            return found
    raise ValueError("a link too long for a text message")


def _tracked(payload: dict[str, object]) -> dict[str, object]:
    """With what the gateway and the end of trying need: a reference, and when it was wished for."""
    return payload | {"reference": new_id(), "wished_at": clock.now()}


async def send_sms(payload: dict[str, Any]) -> None:
    """The job: hand one message to the gateway. Raises NotTaken, and is then tried again."""
    url = settings().sms_url
    if not url:
        await note_refused(payload, "sms", "no_gateway", for_good=False)
        return
    text = compose_sms(payload["template"], payload["language"], facts_of(payload))
    body = {"to": international(payload["to"]), "text": text, "reference": payload["reference"]}
    code: int | str
    try:
        async with httpx.AsyncClient(timeout=20, follow_redirects=False) as client:
            code = (await client.post(url, json=body)).status_code
    except httpx.HTTPError as error:
        code = type(error).__name__
    _log.info("sms", to=masked(payload["to"]), answer=code)
    if isinstance(code, int) and 200 <= code < 300:
        await note_sent(payload, "sms")
    elif isinstance(code, int) and 400 <= code < 500 and code not in _PATIENT:
        await note_refused(payload, "sms", code, for_good=True)
    elif clock.now() - datetime.fromisoformat(payload["wished_at"]) >= TRIED_FOR:
        await note_refused(payload, "sms", code, for_good=False)
    else:
        raise NotTaken


def international(number: str) -> str:
    """„601 123 456” → „+48601123456”."""
    digits = "".join(sign for sign in number if sign.isdigit())
    return f"+48{digits}" if len(digits) == 9 else f"+{digits.removeprefix('00')}"


def masked(number: str) -> str:
    """Enough to tell two numbers apart in a log, too little to dial."""
    digits = "".join(sign for sign in number if sign.isdigit())
    return f"…{digits[-3:]}"
