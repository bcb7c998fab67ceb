"""What somebody who leaves would have answered or followed up; numbers only."""

from referral_hub.accounts.open_work import Leaving, OpenWork
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.referrals.states import FINAL_STATES


async def people_sent_here(leaving: Leaving) -> OpenWork | None:
    """Referrals to the institution that are not finished; whoever takes people in answers them."""
    if "partner_intake" not in leaving.roles:
        return None
    async with transaction(SYSTEM) as sql:
        count = await sql.fetchval(
            """select count(*) from referral_task where receiver = $1 and sent_at is not null and not no_data
            and not held_back
            and not state = any($2::text[])""",
            leaving.institution,
            FINAL_STATES,
        )
    return OpenWork("received", count, "/referrals", Permission.REFERRAL_READ)


async def people_followed(leaving: Leaving) -> OpenWork | None:
    """Referrals this account keeps for those it sent, drafts too."""
    async with transaction(SYSTEM) as sql:
        count = await sql.fetchval(
            "select count(*) from referral_task where keeper = $1 and not state = any($2::text[])",
            leaving.account,
            FINAL_STATES,
        )
    return OpenWork("kept", count, "/referrals?scope=institution", Permission.REFERRAL_READ)
