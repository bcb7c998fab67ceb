"""Mails about claims: the code to the institution's own address, the news to coordinators and present editors."""

from uuid import UUID

import asyncpg

from referral_hub.mail.actions import queue
from referral_hub.settings import settings

_COORDINATORS = """select a.email, a.language from account a join account_role r on r.account = a.id
where a.active and r.role = 'coordinator' order by a.email limit 20"""
_EDITORS = """select a.email, a.language from account a join account_role r on r.account = a.id
where a.active and r.role = 'partner_editor' and a.institution = $1 and a.id is distinct from $2
order by a.email limit 20"""


async def send_code(address: str, code: str, language: str, *, institution: UUID, name: str, who: str) -> None:
    """The code to the address the directory holds; `who` asks is shown by the beginning of its address only."""
    local, _, domain = who.partition("@")
    facts = {
        "code": code,
        "name": name,
        "who": f"{local[:1]}…@{domain}",
        "link": f"{settings().public_url}/institutions/{institution}/claim/code",
    }
    await queue(address, "claim_code", language, facts, institution=institution)


async def tell_to_ask(email: str, language: str, *, institution: UUID) -> None:
    """To somebody whose address already has an account that a claim may not change."""
    await queue(email, "claim_ask", language, {}, institution=institution)


async def tell_of_grant(sql: asyncpg.Connection, institution: UUID, *, but: UUID | None) -> None:
    """To every coordinator, and to the institution's other editors: somebody new was let in."""
    name = await sql.fetchval("select name from institution where id = $1", institution)
    claims, team = f"{settings().public_url}/accounts/claims", f"{settings().public_url}/my-team"
    for row in await sql.fetch(_COORDINATORS):
        facts = {"name": name, "link": claims}
        await queue(row["email"], "claim_granted", row["language"], facts, institution=institution)
    for row in await sql.fetch(_EDITORS, institution, but):
        facts = {"name": name, "link": team}
        await queue(row["email"], "claim_colleague", row["language"], facts, institution=institution)
