"""People whom somebody who leaves still keeps; a number only."""

from referral_hub.accounts.open_work import Leaving, OpenWork
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import SYSTEM, transaction


async def people_kept(leaving: Leaving) -> OpenWork | None:
    """Open entries this account keeps, to be handed over on the page it leads to."""
    async with transaction(SYSTEM) as sql:
        count = await sql.fetchval(
            """select count(*) from participant where keeper = $1 and institution = $2 and closed_at is null
            and merged_into is null""",
            leaving.account,
            leaving.institution,
        )
    return OpenWork("people", count, f"/people/keepers?of={leaving.account}", Permission.PERSON_HAND_OVER)
