"""Who is told what by mail or text message: a number and a link, never a name, a need or the help itself."""

from collections.abc import Mapping
from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.accounts.absences import MAILED_TO
from referral_hub.accounts.links import new_link
from referral_hub.database.transaction import Scope
from referral_hub.database.writes import Write
from referral_hub.mail.actions import letter
from referral_hub.mail.sms import text_message
from referral_hub.referrals.case import RECEIVERS, Case
from referral_hub.referrals.papers import is_issued
from referral_hub.settings import settings

# Whoever is away has named where the mail goes meanwhile.
_MAILED_TO = f"{MAILED_TO.format(today='$1')} as email, a.language"
_KEEPING = f"select {_MAILED_TO} from account a where a.id = $2 and a.active"  # noqa: S608 -- constants of ours
_HOLDING = f"""select {_MAILED_TO} from account a join account_role r on r.account = a.id
where a.active and r.role = $2 and a.id is distinct from $3 order by a.email limit 20"""  # noqa: S608 -- names of our own, values are parameters


async def letters_to_receiver(
    sql: asyncpg.Connection,
    case: Case,
    template: str,
    *,
    by: Scope,
    more: Mapping[str, object] | None = None,
    by_text: bool = True,
    over: bool = False,
) -> list[Write]:
    """Tell the receiving institution: its intake accounts, else its mailbox or mobile with an answer link.

    Without a basis to have people's data in force its accounts see only a number: then the link goes out as well.
    Who prefers text messages gets one, where a gateway is set; `by_text=False`: by mail all the same.
    `over`: nothing is left to answer, so whoever has no account reads the number and gets no link to it.

    None at all (no account, no mailbox) means that somebody has to phone.
    """
    told = "mailbox" in case.keys()  # noqa: SIM118 -- a record
    where = case if told else await sql.fetchrow(RECEIVERS, case["id"], clock.today())
    mobile = where["mobile"] if by_text and settings().sms_url else None
    pairs = [account.rsplit(" ", 1) for account in dict.fromkeys(where["intake"])]
    if pairs and where["receiver_bound"]:
        letters = [_letter(case, email, template, language, own_page(case), more) for email, language in pairs]
        return [*letters, _text(case, mobile, template, own_page(case), more)] if mobile else letters
    address = mobile or where["mailbox"] or next((email for email, _ in pairs), None)
    if not address:
        return []
    if over:
        if mobile:
            return [_text(case, mobile, "referral_over", "", None)]
        return [_letter(case, address, "referral_over", case["receiver_language"], "")]
    secret, _, writes = new_link("a", by=by, institution=case["receiver"], subject=case["id"], address=address)
    page = f"{settings().public_url}/a/{secret}"
    if mobile:
        return [*writes, _text(case, mobile, template, page, more)]
    return [*writes, _letter(case, address, template, case["receiver_language"], page, more)]


async def letters_to_keeper(
    sql: asyncpg.Connection, case: Case, template: str, more: Mapping[str, object] | None = None
) -> list[Write]:
    """Mail to the caseworker who keeps the task; `more` facts than number and link, none of them personal."""
    account = await sql.fetchrow(_KEEPING, clock.today(), case["keeper"])
    if account is None:
        return []
    return [_letter(case, account["email"], template, account["language"], own_page(case), more)]


async def letters_to_role(
    sql: asyncpg.Connection, case: Case, role: str, template: str, *, but: UUID | None = None
) -> list[Write]:
    """Mail to everybody who holds a role in the network (coordinator, dpo)."""
    accounts = await sql.fetch(_HOLDING, clock.today(), role, but)
    return [_letter(case, one["email"], template, one["language"], own_page(case)) for one in accounts]


def own_page(case: Case) -> str:
    """The address for those who sign in."""
    return f"{settings().public_url}/referrals/{case['id']}"


def _letter(
    case: Case, to: str, template: str, language: str, link: str, more: Mapping[str, object] | None = None
) -> Write:
    facts = _facts(case, link, more)
    return letter(to, template, language, facts, institution=case["receiver"], subject_id=case["id"])


def _text(case: Case, to: str, template: str, link: str, more: Mapping[str, object] | None) -> Write:
    """A text message about the same; the receiver's name would only take the place of the link."""
    facts = {"institution": "", **_facts(case, link, more)}
    return text_message(
        to, template, case["receiver_language"], facts, institution=case["receiver"], subject_id=case["id"]
    )


def _facts(case: Case, link: str, more: Mapping[str, object] | None) -> dict[str, object]:
    issued = is_issued(case["issuer_kind"], case["issued_on"])
    return {"number": case["number"], "link": link, "issued": issued, **(more or {})}
