"""An institution that answers through links again and again is offered an account: on the page, once by mail.

Whoever says „nie” is never asked again, and who has an account was never asked.
"""

from typing import Final
from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.transaction import SYSTEM, connection, retrying, transaction
from referral_hub.mail.actions import queue
from referral_hub.settings import settings

ANSWERS: Final = 2
"""Referrals answered as a guest, after which an account would spare work."""
_WANTED: Final = """select i.language, a.mailed_at from institution i
left join account_offer a on a.institution = i.id
where i.id = $1 and i.status = 'published' and not i.club and a.declined_at is null
and not exists (select 1 from account where institution = i.id and active)
and (select count(distinct l.subject) from link l
 where l.kind = 'a' and l.institution = i.id and l.used_at is not null) >= $2"""


async def is_offered(institution: UUID | None) -> bool:
    """Whether this institution should be shown that it could have an account."""
    async with connection() as sql:
        return institution is not None and await _wanted(sql, institution) is not None


async def _wanted(sql: asyncpg.Connection, institution: UUID) -> asyncpg.Record | None:
    return await sql.fetchrow(_WANTED, institution, ANSWERS)


async def offer_by_mail(institution: UUID | None, address: str) -> None:
    """Write to the address that its link went to, once ever, in the caller's transaction; never to a number."""
    if institution is None or "@" not in address:
        return
    async with transaction(SYSTEM) as sql:
        row = await _wanted(sql, institution)
        if row is None or row["mailed_at"] is not None:
            return
        mailed = await sql.fetchval(
            """insert into account_offer (institution, mailed_at) values ($1, $2)
            on conflict (institution) do nothing returning institution""",
            institution,
            clock.now(),
        )
        if mailed is None:
            return
        link = f"{settings().public_url}/institutions/{institution}/claim"
        await queue(address, "account_offer", row["language"], {"link": link}, institution=institution)
        await record(Event.ACCOUNT_OFFER, by=SYSTEM, subject=("institution", institution), facts={"by": "mail"})


@retrying
async def decline_account(institution: UUID, *, actor: Actor) -> None:
    """„Nie, dziękujemy”: neither the page nor a mail says it again."""
    async with transaction(SYSTEM) as sql:
        await sql.execute(
            """insert into account_offer (institution, declined_at) values ($1, $2)
            on conflict (institution) do update set declined_at = coalesce(account_offer.declined_at, $2)""",
            institution,
            clock.now(),
        )
        await record(
            Event.ACCOUNT_OFFER, by=actor.scope, subject=("institution", institution), facts={"by": "declined"}
        )
