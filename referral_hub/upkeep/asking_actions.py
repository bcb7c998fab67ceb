"""Ask partners how many places are free: the job that climbs the ladder of `ladder.py`, and links sent by hand.

A rung is one transaction: the link, the message in the queue, the row in `asking`, the line in the audit trail.
"""

from datetime import timedelta
from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.accounts.links import make_link
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM, Scope, retrying, transaction
from referral_hub.directory.queries import institution_name, reported_offers
from referral_hub.directory.schemas import OwnOffer
from referral_hub.mail.actions import queue
from referral_hub.mail.sms import queue_sms
from referral_hub.upkeep.call_actions import call_off, wish_for_call
from referral_hub.upkeep.emails import CAPACITY_DUE, capacity_due
from referral_hub.upkeep.ladder import Act, Ask, Call, CallOff, Wait, Way, next_act
from referral_hub.upkeep.standings import own_ways, standings

BETWEEN_RENEWALS = timedelta(minutes=5)
MOST_A_DAY = 12
"""Links for one institution within 24 hours that no account asked for: nobody fills its mailbox by a public form."""


async def ask_everybody_due() -> int:
    """One rung for each institution whose turn it is; how many messages were wished for."""
    now, sent = clock.now(), 0
    for institution, standing in (await standings()).items():
        if not isinstance(next_act(standing, now), Wait):
            sent += isinstance(await climb(institution), Ask)
    return sent


@retrying
async def climb(institution: UUID) -> Act | None:
    """Do what the ladder says about one institution now; None where there is nothing to ask it about."""
    async with transaction(SYSTEM) as sql:
        # Asked again behind the lock, so that two workers send one message.
        row = await sql.fetchrow("select name, language from institution where id = $1 for update", institution)
        standing = (await standings([institution])).get(institution)
        if row is None or standing is None:
            return None
        act = next_act(standing, clock.now())
        if isinstance(act, Ask):
            await _ask(sql, institution, act, row["name"], row["language"])
        elif isinstance(act, Call):
            await wish_for_call(sql, institution, act.why, due_on=clock.today())
        elif isinstance(act, CallOff):
            await call_off(sql, institution)
        return act


async def _ask(sql: asyncpg.Connection, institution: UUID, act: Ask, name: str, language: str) -> None:
    offers = [offer for offer in await reported_offers(institution) if offer.asks]
    link = await _send(institution, act.way, offers, name, language, by=SYSTEM, rung=act.rung)
    await sql.execute(
        "insert into asking (id, institution, rung, channel, at, offers, link) values ($1, $2, $3, $4, $5, $6, $7)",
        new_id(),
        institution,
        act.rung,
        act.way.channel,
        clock.now(),
        len(offers),
        link,
    )
    facts = {"rung": act.rung, "channel": act.way.channel, "offers": len(offers)}
    await record(Event.PLACES_ASK, by=SYSTEM, subject=("institution", institution), facts=facts)


async def _send(
    institution: UUID, way: Way, offers: list[OwnOffer], name: str, language: str, *, by: Scope, rung: int = 0
) -> UUID:
    """A fresh link on its way; its id."""
    secret, link = await make_link("c", by=by, institution=institution, address=way.to)
    facts = capacity_due(name, offers, secret, language, rung=rung)
    if way.channel == "sms":
        await queue_sms(way.to, CAPACITY_DUE, language, facts, institution=institution, subject_id=link.id)
    else:
        await queue(way.to, CAPACITY_DUE, language, facts, institution=institution, subject_id=link.id)
    return link.id


@retrying
async def send_capacity_link(
    institution: UUID, *, by: Scope, not_within: timedelta = BETWEEN_RENEWALS, by_mail: bool = False
) -> bool:
    """A fresh link to the institution's own address or number; False where it has none or got one `not_within` ago.

    Somebody asked for it, so it lists every published offer, stands on no rung and waits for no office hours.
    `by_mail`: by mail also to those who prefer text messages. Raises NotFound for an unknown institution.
    """
    name = await institution_name(institution)
    ways = [way for way in await own_ways(institution) if way.channel == "email" or not by_mail]
    offers = await reported_offers(institution)
    if not ways or not offers:
        return False
    async with transaction(by) as sql:
        # Behind the lock, so that two taps or two workers send one mail.
        language = await sql.fetchval("select language from institution where id = $1 for update", institution)
        made = await sql.fetchrow(
            """select max(made_at) as last, count(*) filter (where made_at > $2) as today from link
            where institution = $1 and kind = 'c'""",
            institution,
            clock.now() - timedelta(days=1),
        )
        if made["last"] is not None and made["last"] > clock.now() - not_within:
            return False
        if by.account is None and made["today"] >= MOST_A_DAY:
            return False
        await _send(institution, ways[0], offers, name, language, by=by)
    return True


async def renew_by_address(address: str) -> None:
    """A new link for whoever lost theirs and names the institution's address; nothing tells whether we know it."""
    async with transaction(SYSTEM) as sql:
        rows = await sql.fetch(
            """select distinct institution from contact where kind = 'email' and lower(value) = lower($1)
            order by institution limit 3""",
            address,
        )
    for row in rows:
        await send_capacity_link(row["institution"], by=SYSTEM, by_mail=True)
