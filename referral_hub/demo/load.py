"""Load the demonstration: the directory first, so that pages answer; the history of referrals behind a banner."""

from uuid import UUID

from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.demo.directory import load_directory
from referral_hub.demo.marks import NETWORK, first_run, marks
from referral_hub.demo.people import Listed, add_accounts, listed

REFERRALS = 600


async def directory(password: str, *, seed: int = 1, count: int = REFERRALS) -> list[Listed]:
    """Institutions, offers, readings and accounts, once; the accounts to print. A second start is quick."""
    async with transaction(SYSTEM):
        now, first_seed, _ = await first_run(seed, count)
        if not await marks(NETWORK):
            await load_directory(now, first_seed)
    made = await marks(NETWORK)
    await add_accounts({key: UUID(ids["institution"]) for key, ids in made.items()}, password)
    return listed()
