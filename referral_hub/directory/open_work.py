"""What an editor who leaves would have confirmed."""

from referral_hub.accounts.open_work import Leaving, OpenWork
from referral_hub.accounts.permissions import Permission
from referral_hub.directory.queries import offers_of


async def numbers_to_confirm(leaving: Leaving) -> OpenWork | None:
    """Offers of the institution whose number is due; only editors confirm them."""
    if "partner_editor" not in leaving.roles:
        return None
    due = sum(offer.due for offer in await offers_of(leaving.institution))
    return OpenWork("numbers", due, "/my-offers", Permission.OFFER_EDIT)
