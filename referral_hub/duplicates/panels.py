"""On an institution's page, for those who moderate: which entries became part of it, with their own history."""

from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import connection
from referral_hub.directory.panels import Panel


async def merges_panel(institution: UUID, actor: Actor, language: str) -> Panel | None:
    """The entries it took in, the latest first."""
    if not actor.may(Permission.DIRECTORY_MODERATE):
        return None
    async with connection() as sql:
        rows = await sql.fetch(
            """select m.merged, i.name, m.why, m.at from institution i join institution_merge m on m.merged = i.id
            where i.merged_into = $1 order by m.at desc limit 10""",
            institution,
        )
    return Panel("duplicates/panel.html", {"merges": rows}, "more") if rows else None
