"""What every database needs before its first use: roles and vocabularies; TERYT is data of the package."""

from referral_hub.accounts.actions import write_roles
from referral_hub.institutions.source_ranks import seed_ranks
from referral_hub.vocabularies.actions import load_vocabularies


async def fill() -> None:
    """Write roles, vocabularies and source ranks as this version knows them; safe to repeat. The pool must be open."""
    await write_roles()
    await load_vocabularies()
    await seed_ranks()
