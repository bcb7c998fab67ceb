"""What follows a move besides the task itself: who is told, which links end, needs that stay unmet, the request."""

from uuid import UUID

import asyncpg

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.links import revoke_links
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.database.writes import Write
from referral_hub.directory.proposals import propose_reading
from referral_hub.errors import Problem, Refused
from referral_hub.referrals.case import Case
from referral_hub.referrals.emails import letters_to_keeper, letters_to_receiver, letters_to_role
from referral_hub.referrals.entry_reviews import ENTRY_REVIEW, ask_for_review
from referral_hub.referrals.feedback import add_unmet_need
from referral_hub.referrals.full_answers import FULL
from referral_hub.referrals.lifecycle import Row
from referral_hub.referrals.outcomes import Written
from referral_hub.referrals.reasons import effect_of
from referral_hub.referrals.states import FINAL, FINAL_STATES, Access, Channel, Party, State, Verb

_OTHERS_OPEN = "select exists (select 1 from referral_task where request = $1 and id <> $2 and state <> all($3))"
_NEWS_FOR_RECEIVER = frozenset(
    {Verb.ANSWER, Verb.WITHDRAW, Verb.REQUEST_CANCEL, Verb.KEEP, Verb.WITHDRAW_CONSENT, Verb.VOID}
)
_ENDING = (Access.LOST, Access.ENDED)
_FOR_COORDINATOR = frozenset({"entry_review", "area_filter", "tells_coordinator"})


async def after_move(
    sql: asyncpg.Connection, actor: Actor, case: Case, row: Row, after: State, channel: Channel, written: Written
) -> list[Write]:
    """What follows, to be written with the move; facts for the history line are added to `written`."""
    if row.access in _ENDING and not case["no_data"] and case["sent_at"] is not None:
        await revoke_links("a", by=actor.scope, subject=case["id"])
    told = await _letters(sql, actor, case, row, channel, written)
    told += await _follow_reason(sql, actor, case, row, after, written)
    if after in FINAL and State(case["state"]) not in FINAL:
        await _close_request(case, row)
    return told


async def _letters(
    sql: asyncpg.Connection, actor: Actor, case: Case, row: Row, channel: Channel, written: Written
) -> list[Write]:
    told: list[Write] = []
    stays = written.columns.get("held_back")
    if stays and row.by is not Party.SYS:
        # Nothing leaves the house yet, or any more.
        return told
    if row.verb is Verb.SEND and channel is not Channel.SELF:
        # Told by phone or on paper: nobody is mailed what they know.
        return told
    if row.verb is Verb.SEND and not case["no_data"]:
        told += await letters_to_receiver(sql, case, "referral_new", by=actor.scope)
        # Nobody mailed means that somebody has to phone: the timeline says so.
        written.facts["mailed"] = bool(told)
    elif row.verb is Verb.ESCALATE:
        told += await letters_to_role(sql, case, "coordinator", "referral_late")
        told += await letters_to_keeper(sql, case, "referral_late")
    elif row.verb is Verb.VOID and row.by is Party.COO:
        told += await letters_to_keeper(sql, case, "referral_news")
        told += await letters_to_role(sql, case, "dpo", "referral_voided")
    elif row.verb is Verb.ACCEPT and case["together"] and await _others_wait(case):
        told += await letters_to_keeper(sql, case, "referral_others")
    elif row.by in (Party.RCV, Party.SYS, Party.PAR) and actor.account != case["keeper"]:
        told += await letters_to_keeper(sql, case, "referral_news")
    knows = not case["no_data"] and case["sent_at"] is not None and not case["sharing_ended"] and not stays
    if knows and row.verb in _NEWS_FOR_RECEIVER and channel is not Channel.PHONE:
        over = row.access in _ENDING
        more = {"answered": True} if row.verb is Verb.ANSWER else None
        told += await letters_to_receiver(sql, case, "referral_news", by=actor.scope, more=more, over=over)
    return told


async def _follow_reason(
    sql: asyncpg.Connection, actor: Actor, case: Case, row: Row, after: State, written: Written
) -> list[Write]:
    told: list[Write] = []
    reason = written.columns.get("reason", "")
    if row.verb is Verb.DECLINE:
        await _check_named(sql, written)
        effect = effect_of(reason)
        if effect:
            written.facts["effect"] = effect
        if effect in ENTRY_REVIEW:
            await ask_for_review(case, effect, actor=actor)
        if effect in _FOR_COORDINATOR:
            told += await letters_to_role(sql, case, "coordinator", "referral_news")
    if row.verb is Verb.DECLINE and reason == FULL:
        await propose_reading(sql, case["offer"], by=actor.scope)
    if after is State.EXPIRED or (row.verb is Verb.DECLINE and reason == FULL):
        why = "expired" if after is State.EXPIRED else "no_places"
        async with transaction(SYSTEM) as system:
            gmina = await system.fetchval("select gmina from participant where id = $1", case["participant"])
        await add_unmet_need(
            sql, institution=case["sender"], need=case["need"], gmina=gmina or "", why=why, task=case["id"]
        )
    return told


async def _check_named(sql: asyncpg.Connection, written: Written) -> None:
    """Another offer that a decline names is one that people can be sent to."""
    named = written.facts.get("other_offer")
    if named and not await sql.fetchval("select status = 'published' from offer where id = $1", UUID(str(named))):
        raise Refused("invalid", [Problem("other_offer", "not_a_choice")])


async def _close_request(case: Case, row: Row) -> None:
    """A request is closed with its last task; whoever sees less than all of them asks as the hub itself."""
    async with transaction(SYSTEM) as system:
        if not await system.fetchval(_OTHERS_OPEN, case["request"], case["id"], FINAL_STATES):
            by_person = row.verb is Verb.WITHDRAW_CONSENT or (row.verb is Verb.WITHDRAW and row.by is Party.PAR)
            state = "withdrawn" if by_person else "closed"
            await system.execute("update referral_request set state = $2 where id = $1", case["request"], state)


async def _others_wait(case: Case) -> bool:
    """Others asked side by side are still open, and the sender is asked anew about them; the receiver knows of none."""
    async with transaction(SYSTEM, by_key=True) as system:
        await system.execute("update referral_request set others_kept_at = null where id = $1", case["request"])
        return bool(await system.fetchval(_OTHERS_OPEN, case["request"], case["id"], FINAL_STATES))
