"""Job name → function, and the schedule: a room's `jobs.py` has `registry` and `schedule`."""

import asyncio
from datetime import timedelta

import asyncpg
import structlog

from referral_hub import clock
from referral_hub.accounts import jobs as account_jobs
from referral_hub.answering import jobs as answering_jobs
from referral_hub.attendance import jobs as attendance_jobs
from referral_hub.audit.actions import seal_trail
from referral_hub.caseload import jobs as caseload_jobs
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.directory import jobs as directory_jobs
from referral_hub.directory.told_places import follow_places
from referral_hub.duplicates import jobs as duplicate_jobs
from referral_hub.jobs.actions import Work, enqueue, run_forever
from referral_hub.mail.actions import send_mail
from referral_hub.mail.sms import send_sms
from referral_hub.referrals import jobs as referral_jobs
from referral_hub.referrals.standing import keep_told_places
from referral_hub.timetable import jobs as timetable_jobs
from referral_hub.upkeep import jobs as upkeep_jobs
from referral_hub.vocabularies.queries import load_book_if_changed

_log = structlog.get_logger("worker")


async def _seal(payload: dict[str, object]) -> None:
    await seal_trail()


def registry() -> dict[str, Work]:
    """Every job that can be wished for."""
    return {
        "send_mail": send_mail,
        "send_sms": send_sms,
        "seal_trail": _seal,
        **account_jobs.registry,
        **directory_jobs.registry,
        **upkeep_jobs.registry,
        **timetable_jobs.registry,
        **attendance_jobs.registry,
        **referral_jobs.registry,
        **answering_jobs.registry,
        **caseload_jobs.registry,
        **duplicate_jobs.registry,
    }


def schedule() -> dict[str, timedelta]:
    """Jobs that come round by themselves, and how often."""
    return {
        "seal_trail": timedelta(minutes=1),
        **account_jobs.schedule,
        **directory_jobs.schedule,
        **upkeep_jobs.schedule,
        **timetable_jobs.schedule,
        **referral_jobs.schedule,
        **answering_jobs.schedule,
        **caseload_jobs.schedule,
    }


async def wish_scheduled() -> None:
    """Put each scheduled job into the queue for its present slot; many workers may do so, one job results."""
    seconds = clock.now().timestamp()
    async with transaction(SYSTEM) as sql:
        for name, every in schedule().items():
            slot = int(seconds // every.total_seconds())
            key = f"{name}:{slot}"
            if await sql.fetchval("select 1 from job where key = $1", key) is None:
                await enqueue(name, {}, key=key)
        await sql.execute("delete from job where done_at < $1", clock.now() - timedelta(days=3))
        await sql.execute("delete from idempotent_answer where made_at < $1", clock.now() - timedelta(days=2))


async def work(stop: asyncio.Event) -> None:
    """The worker: the schedule and the queue, until `stop`. The pool must be open."""
    follow_places((keep_told_places,))

    async def keep_schedule() -> None:
        while not stop.is_set():
            try:
                await wish_scheduled()
                # Words are edited in another process; clocks and reasons read them here.
                await load_book_if_changed()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                # The database restarts, or a node takes over: the next round finds it again.
                _log.warning("schedule_unreachable", error=type(error).__name__)
            try:
                await asyncio.wait_for(stop.wait(), 20)
            except TimeoutError:
                continue

    async with asyncio.TaskGroup() as group:
        group.create_task(keep_schedule())
        group.create_task(run_forever(registry(), stop))
