"""An address that is told only after an accepted referral: to the sender's caseworker and on the person's own page."""

from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import transaction
from referral_hub.referrals.attachments import Attachment
from referral_hub.referrals.referral import Referral
from referral_hub.referrals.states import UNDER_WAY, Party, State

# Accepted and not over: a referral that was only asked to be cancelled is still accepted.
_PLACES = """select s.name, s.street, s.post_code, s.place, s.travel from referral_task t
join offer_site os on os.offer = t.offer join site s on s.id = os.site
where t.id = $1 and s.status = 'published' and s.address_visibility = 'accepted' and not t.no_data
and (t.state in ('accepted', 'scheduled', 'in_progress', 'on_hold')
 or (t.state = 'cancel_requested' and t.before_cancel <> ''))
and (t.participant = $2 or (t.sender = $3)) order by s.main desc, s.place, s.id"""


async def whereabouts(found: Referral, actor: Actor, language: str) -> Attachment | None:
    """The places of an accepted referral that stand nowhere else; None for everybody else and every other state."""
    if found.party not in (Party.SND, Party.PAR) or found.state not in UNDER_WAY | {State.CANCEL_REQUESTED}:
        return None
    async with transaction(actor.scope) as sql:
        rows = await sql.fetch(_PLACES, found.id, actor.participant, actor.institution)
    return Attachment("referrals/whereabouts.html", {"places": [dict(row) for row in rows]}, "case") if rows else None
