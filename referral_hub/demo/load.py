"""Load the demonstration: the directory first, so that pages answer; the history of referrals behind a banner."""

from datetime import timedelta
from uuid import UUID

from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.demo.caseload import fill_caseload
from referral_hub.demo.confidential import keep_a_secret
from referral_hub.demo.directory import load_directory
from referral_hub.demo.enquiries import ask_around
from referral_hub.demo.history import Progress, set_stage, settle_places, tell_stories
from referral_hub.demo.kinds import fill_kinds
from referral_hub.demo.marks import NETWORK, RUN, first_run, mark, marks
from referral_hub.demo.moderation import fill_moderation
from referral_hub.demo.office import open_office
from referral_hub.demo.open_cases import plan
from referral_hub.demo.own_facts import look_after_contacts
from referral_hub.demo.own_group import fill_own_group
from referral_hub.demo.participations import fill_participations
from referral_hub.demo.paths import fill_paths
from referral_hub.demo.people import Listed, add_accounts, listed
from referral_hub.demo.plan import MONTHS
from referral_hub.demo.requests import fill_requests
from referral_hub.demo.timetable import fill_lists, plan_timetable
from referral_hub.demo.versions import keep_versions
from referral_hub.demo.voices import hear_voices
from referral_hub.referrals.observed import count_observed
from referral_hub.web.health import await_before_ready, now_ready
from referral_hub.web.page import network

REFERRALS = 600
AWAITED, AWAITED_LARGE = "demo_history", "demo_network"
LOADING = "Demonstration: the history of referrals is still loading, numbers will change for about a minute."
LOADED = "Demonstration: people and every institution marked as an example are invented; nothing leaves this machine."


async def directory(password: str, *, seed: int = 1, count: int = REFERRALS, large: bool = False) -> list[Listed]:
    """Institutions, offers, readings and accounts, once; the accounts to print. A second start is quick.

    From here until `history` (and, where announced, `large.load_large`) has ended `/health/ready` says 503 and pages
    carry a banner.
    """
    async with transaction(SYSTEM):
        now, first_seed, _ = await first_run(seed, count)
        if not await marks(NETWORK):
            await load_directory(now, first_seed)
    made = await marks(NETWORK)
    await add_accounts({key: UUID(ids["institution"]) for key, ids in made.items()}, password)
    await ask_around(now)
    await fill_kinds(now)
    await plan_timetable(now)
    await open_office(now)
    await fill_moderation(now)
    await keep_versions(now)
    await look_after_contacts(now)
    await keep_a_secret(now)
    if large:
        await_before_ready(AWAITED_LARGE)
    if await loaded():
        network.banner = LOADED
    else:
        await_before_ready(AWAITED)
        network.banner = LOADING
    return listed()


async def loaded() -> bool:
    """Whether directory and history are whole."""
    return "history" in await marks(RUN)


async def history(progress: Progress = lambda done, total: None) -> int:
    """The referrals that are still missing, oldest first; how many moves were refused. Safe to break off and repeat.

    `progress` is told (done, total) after each.
    """
    refused = 0
    if not await loaded():
        now, seed, count = await first_run(1, REFERRALS)
        stage = await set_stage(now - timedelta(days=31 * MONTHS - 4))
        refused = await tell_stories(plan(count, now, seed), stage, now, progress)
        await hear_voices(now)
        async with transaction(SYSTEM):
            await settle_places()
            await count_observed()
            await mark(RUN, "history", {"refused": refused})
        await fill_lists(now)
        await fill_participations(stage, now)
        await fill_own_group(stage, now)
        await fill_paths(stage, now)
        await fill_caseload(now)
        await fill_requests(now)
    now_ready(AWAITED)
    network.banner = LOADED
    return refused
