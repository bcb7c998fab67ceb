"""A new answer link for whoever held the old one: it goes to the address the old one went to, and nowhere else."""

from datetime import timedelta

from referral_hub import clock
from referral_hub.accounts.links import Link, actor_of_link, make_link
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.transaction import SYSTEM, retrying, transaction
from referral_hub.errors import NotFound, TooMany
from referral_hub.mail.actions import queue
from referral_hub.mail.sms import queue_sms
from referral_hub.settings import settings

BETWEEN = timedelta(minutes=2)
_ASKED = """select t.number, i.language,
 (select max(l.made_at) from link l where l.subject = t.id and l.kind = 'a') as last
from referral_task t join institution i on i.id = t.receiver where t.id = $1 and t.state <> 'draft' and not t.no_data"""


@retrying
async def renew_answer_link(link: Link) -> None:
    """Mail a new link. Raises NotFound where the old one had no address or was ended, TooMany when asked again."""
    if link.kind != "a" or not link.address:
        raise NotFound
    actor = actor_of_link(link)
    async with transaction(SYSTEM) as sql:
        # Pressed many times at once it is asked once: the others wait here and find the new link. So does whoever
        # withdraws: its end of the links finds this one too, or this one finds its own link ended.
        await sql.execute("select 1 from referral_task where id = $1 for update", link.subject)
        if await sql.fetchval("select revoked_at from link where id = $1", link.id) is not None:
            raise NotFound("link_ended")
        rows = await sql.fetch(_ASKED, link.subject)
        if not rows:
            raise NotFound
        if rows[0]["last"] > clock.now() - BETWEEN:
            raise TooMany
        secret, made = await make_link(
            "a", by=actor.scope, institution=link.institution, subject=link.subject, address=link.address
        )
        facts: dict[str, object] = {
            "number": rows[0]["number"],
            "link": f"{settings().public_url}/a/{secret}",
            "institution": "",
        }
        # The old one went by mail or by text message.
        send = queue if "@" in link.address else queue_sms
        await send(
            link.address,
            "referral_link",
            rows[0]["language"],
            facts,
            institution=link.institution,
            subject_id=link.subject,
        )
        await record(Event.LINK_RENEW, by=actor.scope, subject=("link", made.id), facts={"kind": "a"})
