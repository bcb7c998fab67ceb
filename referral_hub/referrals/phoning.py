"""A caseworker phones about a referral and nobody answers: the number is doubted, and nothing else is."""

from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import retrying, transaction
from referral_hub.errors import HubError, NotAllowed, NotFound, Refused
from referral_hub.institutions.confirmations import PHONES, doubt_phone
from referral_hub.referrals.case import in_each_role, load_case, standing
from referral_hub.referrals.states import Party

_DIALLED = """select id from contact where institution = $1 and kind = any($2)
and regexp_replace(value, '[^0-9]', '', 'g') = $3
and (belongs_to is null or belongs_to = $4 or belongs_to in (select site from offer_site where offer = $4))
order by belongs_to is null, position, id limit 1"""


@retrying
async def nobody_answered(task: UUID, number: str, *, actor: Actor) -> bool:
    """Doubt the receiver's number that was dialled (as the page showed it); False where it is doubted already.

    Neither the offer's places nor the referral change, and the doubt says nothing of the referral. Raises NotFound,
    NotAllowed for anyone but the sender, Refused `number_changed` where the institution no longer has the number.
    """
    refusal: HubError = NotFound()
    for one in in_each_role(actor):
        async with transaction(one.scope) as sql:
            case = await load_case(sql, task)
            if case is None:
                continue
            if standing(one, case) is not Party.SND:
                refusal = NotAllowed()
                continue
            digits = "".join(sign for sign in number.split(" w. ")[0] if sign.isascii() and sign.isdigit())
            contact = await sql.fetchval(_DIALLED, case["receiver"], list(PHONES), digits, case["offer"])
            if contact is None:
                raise Refused("number_changed")
            return await doubt_phone(contact, by=one.scope)
    raise refusal
