"""Which words tell where a place is that is not public: for texts that rooms show beside the directory's own faces."""

from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import connection
from referral_hub.directory.confidential import Secret, secret_of
from referral_hub.directory.ownership import looks_after

_HIDDEN = """select s.id, s.terc, s.place, s.street, s.post_code, s.address_visibility, s.institution
from site s join offer o on o.institution = s.institution
where o.id = $1 and s.address_visibility <> 'public' and s.status <> 'archived'"""


async def kept_from(actor: Actor, offer: UUID) -> list[Secret]:
    """The places of the offer's institution whose address this reader may not know; [] for its own people."""
    async with connection() as sql:
        rows = await sql.fetch(_HIDDEN, offer)
    if not rows or looks_after(actor, rows[0]["institution"]):
        return []
    secrets = [secret_of(row) for row in rows]
    staff = actor.kind == "account" and actor.may(Permission.DIRECTORY_STAFF)
    return [one for one in secrets if one.from_staff] if staff else secrets
