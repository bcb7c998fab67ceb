"""An institution, or one of its accounts, is away for some days: who is asked meanwhile, by function, never by name.

Of a whole institution the replacement stands on its public pages between its days. Of an account it stands nowhere:
mails to that account go to the replacement, which must be an address the institution itself uses, since a mail may
concern a person. `ended_at` ends an absence early; nothing is deleted.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

import asyncpg
from msgspec import Struct, structs

from referral_hub import clock
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import Scope, connection, retrying, transaction
from referral_hub.errors import NotFound, Problem, Refused
from referral_hub.institutions.changes import keep_history, tell_directory
from referral_hub.institutions.mailboxes import given_names, read_mailboxes
from referral_hub.institutions.names import fold
from referral_hub.institutions.phones import pretty, read_phones

LONGEST: Final = timedelta(days=366)
BEGAN: Final = timedelta(days=31)
AHEAD: Final = timedelta(days=366)
MOST: Final = 80
_TITLE = re.compile(r"\b(?i:pani?|panem|panią|p|mgr|dr|inż)\b\.?\s+[A-ZĄĆĘŁŃÓŚŹŻ]")


class NewAbsence(Struct, frozen=True, kw_only=True):
    """Days (both inside) and who is asked: `replacement` a function, its `phone` as typed, its `email`.

    `account`: only this account is away; None: the whole institution.
    """

    from_on: date
    until_on: date
    replacement: str = ""
    phone: str = ""
    email: str = ""
    account: UUID | None = None


class Absence(Struct, frozen=True):
    """An absence as kept; `phone` is digits with ",extension". `who`: the e-mail of the account, '' for all."""

    id: UUID
    institution: UUID
    account: UUID | None
    who: str
    from_on: date
    until_on: date
    replacement: str
    phone: str
    email: str

    @property
    def written(self) -> str:
        """The number as people write it."""
        return _written(self.phone)


def absence_problems(facts: NewAbsence, today: date) -> list[Problem]:
    """Everything that cannot be taken, at once. Pure."""
    found: list[Problem] = []
    if facts.until_on < today:
        found.append(Problem("until_on", "date_too_early", {"earliest": today}))
    if facts.until_on < facts.from_on:
        found.append(Problem("until_on", "days_reversed"))
    elif facts.until_on - facts.from_on > LONGEST:
        found.append(Problem("until_on", "absence_too_long", {"days": LONGEST.days}))
    if facts.from_on < today - BEGAN:
        found.append(Problem("from_on", "date_too_early", {"earliest": today - BEGAN}))
    elif facts.from_on > today + AHEAD:
        found.append(Problem("from_on", "date_too_late", {"latest": today + AHEAD}))
    return found + _replacement_problems(facts)


def _replacement_problems(facts: NewAbsence) -> list[Problem]:
    found: list[Problem] = []
    if len(facts.replacement) > MOST:
        found.append(Problem("replacement", "too_long", {"most": MOST, "length": len(facts.replacement)}))
    elif names_somebody(facts.replacement):
        found.append(Problem("replacement", "function_not_name"))
    elif not facts.replacement.strip() and facts.account is None:
        found.append(Problem("replacement", "required"))
    if facts.phone and number_of(facts.phone) is None:
        found.append(Problem("replacement_phone", "phone_not_known"))
    boxes = read_mailboxes(facts.email)
    if facts.email and (len(boxes) != 1 or boxes[0].problem == "invalid"):
        found.append(Problem("replacement_email", "email_not_known"))
    if facts.account is not None and not facts.email:
        found.append(Problem("replacement_email", "required"))
    elif not facts.phone and not facts.email:
        found.append(Problem("replacement_phone", "phone_or_email"))
    return found


def names_somebody(text: str) -> bool:
    """Whether a function is told by a person's name: „Anna Nowak”, „pani Kowalska”. One given name alone may be a
    patron's („Dom Matki i Dziecka Maria”)."""
    words = re.findall(r"[^\W\d_]+", text)
    pairs = pairwise(words)
    return bool(_TITLE.search(text)) or any(
        fold(one) in given_names() and one[:1].isupper() and two[:1].isupper() and len(two) > 2 for one, two in pairs
    )


def number_of(typed: str) -> str | None:
    """The one number in what was typed, as kept ("146578383,12"); None for none, several, or half a number."""
    phones = read_phones(typed)
    if len(phones.found) != 1 or phones.leftovers:
        return None
    one = phones.found[0]
    return (one.number + (f",{one.extension}" if one.extension else ""))[:20]


@retrying
async def add_absence(institution: UUID, facts: NewAbsence, *, by: Scope, source: str = "partner") -> UUID:
    """Announce an absence; in force on its days at once. Its id.

    Raises Refused("invalid") with every problem (also `absence_overlaps` and, of an account,
    `replacement_not_ours`), NotFound for an unknown institution.
    """
    problems = absence_problems(facts, clock.today())
    if problems:
        raise Refused("invalid", problems)
    boxes = read_mailboxes(facts.email)
    email = boxes[0].value if boxes else ""
    # An account's replacement is one of our own addresses, which are kept in small letters.
    email = email if facts.account is None else email.lower()
    kept = structs.replace(facts, phone=number_of(facts.phone) or "", email=email)
    made = new_id()
    async with transaction(by) as sql:
        # Behind the institution's lock, so that two editors at once do not announce the same days twice.
        if await sql.fetchval("select true from institution where id = $1 for update", institution) is None:
            raise NotFound
        problems = await _against_others(sql, institution, kept)
        if problems:
            raise Refused("invalid", problems)
        await sql.execute(
            """insert into absence (id, institution, account, from_on, until_on, replacement, phone, email, made_at,
             made_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
            made,
            institution,
            kept.account,
            kept.from_on,
            kept.until_on,
            kept.replacement.strip(),
            kept.phone,
            kept.email,
            clock.now(),
            by.account,
        )
        if kept.account is None:
            await _tell(sql, institution, None, structs.asdict(kept), source=source, by=by)
        facts_of_line = {"of": "account" if kept.account else "institution", "days": _days(kept)}
        await record(Event.ABSENCE_ADD, by=by, subject=("institution", institution), facts=facts_of_line)
    return made


@retrying
async def end_absence(absence: UUID, *, institution: UUID, by: Scope, source: str = "partner") -> None:
    """End an absence of this institution now; ended already, nothing happens. Raises NotFound."""
    async with transaction(by) as sql:
        row = await sql.fetchrow(
            "select * from absence where id = $1 and institution = $2 for update", absence, institution
        )
        if row is None:
            raise NotFound
        if row["ended_at"] is not None:
            return
        await sql.execute("update absence set ended_at = $2 where id = $1", absence, clock.now())
        if row["account"] is None:
            await _tell(sql, institution, dict(row), None, source=source, by=by)
        await record(Event.ABSENCE_END, by=by, subject=("institution", institution))


async def absences_of(institution: UUID, *, accounts: bool = False) -> list[Absence]:
    """Absences not over yet, the first one first: of the whole institution, and of its `accounts` where asked."""
    async with connection() as sql:
        rows = await sql.fetch(
            """select b.*, coalesce(a.email, '') as who from absence b left join account a on a.id = b.account
            where b.institution = $1 and b.ended_at is null and b.until_on >= $2 and (b.account is null or $3)
            order by b.from_on, b.id""",
            institution,
            clock.today(),
            accounts,
        )
    return [_absence(row) for row in rows]


async def absent_now(institution: UUID) -> Absence | None:
    """The absence of a whole institution today."""
    today = clock.today()
    return next((one for one in await absences_of(institution) if one.from_on <= today), None)


async def addresses_of(institution: UUID) -> list[str]:
    """Addresses that may stand in for an account of the institution: its active accounts and its own mailboxes."""
    async with connection() as sql:
        rows = await sql.fetch(
            """select email from account where institution = $1 and active
            union select lower(value) from contact where institution = $1 and kind = 'email' order by 1""",
            institution,
        )
    return [str(row["email"]) for row in rows]


MAILED_TO: Final = """coalesce((select b.email from absence b where b.account = a.id and b.ended_at is null
 and b.email <> '' and {today} between b.from_on and b.until_on order by b.made_at desc limit 1), a.email)"""
"""For a query over `account a`: where its mail goes on the day `{today}` (a parameter of the query)."""


async def _against_others(sql: asyncpg.Connection, institution: UUID, facts: NewAbsence) -> list[Problem]:
    other = await sql.fetchrow(
        """select from_on, until_on from absence where institution = $1 and account is not distinct from $2
        and ended_at is null and from_on <= $4 and until_on >= $3 order by from_on limit 1""",
        institution,
        facts.account,
        facts.from_on,
        facts.until_on,
    )
    found = [Problem("from_on", "absence_overlaps", {"from": other[0], "until": other[1]})] if other else []
    if facts.account is not None:
        own = await addresses_of(institution)
        away = await sql.fetchval("select email from account where id = $1", facts.account)
        if facts.email not in own or facts.email == away:
            found.append(Problem("replacement_email", "replacement_not_ours"))
    return found


async def _tell(
    sql: asyncpg.Connection,
    institution: UUID,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    *,
    source: str,
    by: Scope,
) -> None:
    """The public pages change: a line of history, and word to the read models."""
    was, told = ({"absence": _shown(one)} for one in (before, after))
    await keep_history(sql, ("institution", institution), was, told, source=source, by=by)
    await tell_directory(sql, institution=institution)


def _shown(row: Mapping[str, Any] | None) -> str:
    """An absence as a line of history keeps it: days, then whom to ask."""
    if row is None:
        return ""
    days = f"{row['from_on']:%d.%m.%Y} – {row['until_on']:%d.%m.%Y}"
    return f"{days}: " + ", ".join(filter(None, (row["replacement"], _written(row["phone"]), row["email"])))


def _written(phone: str) -> str:
    number, _, extension = phone.partition(",")
    return pretty(number) + (f" w. {extension}" if extension else "")


def _days(facts: NewAbsence) -> int:
    return (facts.until_on - facts.from_on).days + 1


def _absence(row: Mapping[str, Any]) -> Absence:
    return Absence(**{name: row[name] for name in Absence.__struct_fields__})
