"""Who is told what by mail: a number and a link, never a name, a need or the help itself."""

from uuid import UUID

import asyncpg

from referral_hub.accounts.links import make_link
from referral_hub.database.transaction import Scope
from referral_hub.mail.actions import queue
from referral_hub.referrals.case import Case
from referral_hub.settings import settings

_INTAKE = """select a.email, a.language from account a join account_role r on r.account = a.id
where a.institution = $1 and a.active and r.role = 'partner_intake' order by a.email limit 5"""

_MAILBOX = """select c.value from contact c where c.institution = $1 and c.kind = 'email'
 and (c.belongs_to is null or c.belongs_to = $2 or c.belongs_to in (select site from offer_site where offer = $2))
order by (c.belongs_to = $2) desc nulls last, (c.belongs_to is not null) desc, c.position limit 1"""

_COORDINATORS = """select a.email, a.language from account a join account_role r on r.account = a.id
where a.active and r.role = $1 order by a.email limit 20"""


async def tell_receiver(sql: asyncpg.Connection, case: Case, template: str, *, by: Scope) -> int:
    """Mail the receiving institution: its intake accounts, else its mailbox with an answer link; how many mails.

    None at all (no account, no mailbox) means that somebody has to phone.
    """
    accounts = await sql.fetch(_INTAKE, case["receiver"])
    for account in accounts:
        link = f"{settings().public_url}/referrals/{case['id']}"
        await _send(case, account["email"], template, account["language"], link)
    if accounts:
        return len(accounts)
    address = await sql.fetchval(_MAILBOX, case["receiver"], case["offer"])
    if not address:
        return 0
    secret, _ = await make_link("a", by=by, institution=case["receiver"], subject=case["id"], address=address)
    await _send(case, address, template, case["receiver_language"], f"{settings().public_url}/a/{secret}")
    return 1


async def tell_keeper(sql: asyncpg.Connection, case: Case, template: str) -> None:
    """Mail the caseworker who keeps the task."""
    account = await sql.fetchrow("select email, language from account where id = $1 and active", case["keeper"])
    if account is not None:
        link = f"{settings().public_url}/referrals/{case['id']}"
        await _send(case, account["email"], template, account["language"], link)


async def tell_role(sql: asyncpg.Connection, case: Case, role: str, template: str, *, but: UUID | None = None) -> None:
    """Mail everybody who holds a role in the network (coordinator, dpo)."""
    for account in await sql.fetch(
        _COORDINATORS.replace("order by", "and a.id is distinct from $2 order by"), role, but
    ):
        link = f"{settings().public_url}/referrals/{case['id']}"
        await _send(case, account["email"], template, account["language"], link)


async def _send(case: Case, to: str, template: str, language: str, link: str) -> None:
    facts = {"number": case["number"], "link": link}
    await queue(to, template, language, facts, institution=case["receiver"], subject_id=case["id"])
