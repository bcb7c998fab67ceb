"""What time does to referrals: holds end, people are reminded, silence is escalated, unanswered tasks expire."""

from uuid import UUID

import structlog

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.audit.actions import audit_line
from referral_hub.audit.events import Event
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.database.writes import write_all
from referral_hub.directory.business_days import add_business_days
from referral_hub.errors import HubError
from referral_hub.referrals.actions import perform
from referral_hub.referrals.case import load_case
from referral_hub.referrals.emails import letters_to_keeper, letters_to_receiver
from referral_hub.referrals.holding_back import let_go_overdue
from referral_hub.referrals.holds import lapse_holds
from referral_hub.referrals.lapsing import end_run_out_sharing, warn_of_run_out
from referral_hub.referrals.standing import keep_standing_places
from referral_hub.referrals.states import Verb

_BATCH = 500
_EXPIRED = """select id, version from referral_task
where state in ('sent', 'info_needed') and not no_data and expire_on < $1 order by expire_on limit $2"""
_CANCELLED = """select id, version from referral_task
where state = 'cancel_requested' and expire_on < $1 order by expire_on limit $2"""
_ESCALATED = """select id, version from referral_task
where state in ('sent', 'info_needed', 'waitlisted', 'on_hold', 'cancel_requested') and escalate_on < $1
order by escalate_on limit $2"""
# A reminder goes out on the last business day before the answer is due, once a turn.
_REMINDED = """select id from referral_task
where state in ('sent', 'info_needed') and not held_back and clock <> '' and due_on <= $1 and reminded_at is null
order by due_on limit $2"""

_log = structlog.get_logger("referrals")


async def run_clocks() -> dict[str, int]:
    """One round over everything whose time has come; how many of each. Safe to repeat and to run twice at once."""
    today = clock.today()
    done = {"holds": await lapse_holds(today), "kept": await keep_standing_places()}
    done["leave"] = await let_go_overdue()
    # What ran out of answer time first has ended before its basis did, however long this round was not made.
    for verb, question in ((Verb.EXPIRE, _EXPIRED), (Verb.AGREE_CANCEL, _CANCELLED), (Verb.ESCALATE, _ESCALATED)):
        done[verb.value] = await _move_all(verb, question)
    done["basis_ended"] = await end_run_out_sharing()
    done["basis_ends"] = await warn_of_run_out()
    async with transaction(SYSTEM) as sql:
        soon = await sql.fetch(_REMINDED, add_business_days(today, 1), _BATCH)
    done["remind"] = 0
    for row in soon:
        done["remind"] += await _remind(row["id"])
    return done


async def _move_all(verb: Verb, question: str) -> int:
    async with transaction(SYSTEM) as sql:
        rows = await sql.fetch(question, clock.today(), _BATCH)
    moved = 0
    for row in rows:
        try:
            await perform(row["id"], actor=SYSTEM_ACTOR, verb=verb, version=row["version"])
            moved += 1
        except HubError as error:
            # Somebody answered at the last moment: their move stands.
            _log.info("clock_refused", verb=verb.value, code=error.code)
    return moved


async def _remind(task: UUID) -> int:
    async with transaction(SYSTEM) as sql:
        marked = await sql.fetchval(
            "update referral_task set reminded_at = $2 where id = $1 and reminded_at is null returning id",
            task,
            clock.now(),
        )
        case = await load_case(sql, task)
        if marked is None or case is None:
            return 0
        if case["clock"] == "RCV":
            letters = await letters_to_receiver(sql, case, "referral_reminder", by=SYSTEM)
        else:
            letters = await letters_to_keeper(sql, case, "referral_reminder")
        audited = {"of": case["clock"]}
        line = audit_line(Event.REFERRAL_REMIND, by=SYSTEM, subject=("referral", task), facts=audited)
        await write_all(sql, [line, *letters])
        return 1
