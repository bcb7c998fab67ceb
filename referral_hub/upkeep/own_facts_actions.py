"""An institution corrects its own numbers, confirms what is right, and says who stands in while it is away.

By the link from its mail or signed in; see docs/decisions/0012. Everything is in force at once and marked as the
partner's word, and the institution's mailbox and its editors are told, with a way back.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.absences import NewAbsence, add_absence, end_absence
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.links import make_link
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.transaction import SYSTEM, connection, retrying, transaction
from referral_hub.directory.queries import mail_address
from referral_hub.errors import NotFound, Refused, Stale
from referral_hub.institutions.actions import NewContact, set_contacts
from referral_hub.institutions.confirmations import confirm_contacts, confirm_field
from referral_hub.mail.actions import queue
from referral_hub.settings import settings
from referral_hub.upkeep.own_facts import OwnContacts, changes_of, contacts_before, own_contacts

SOURCE: Final = "partner"
OWN_FACTS_CHANGED: Final = "own_facts_changed"
TELL_AGAIN: Final = 15 * 60
"""Seconds: however often something is changed, its institution gets one letter in this time."""


@retrying
async def keep_own_facts(
    institution: UUID,
    *,
    actor: Actor,
    phones: Mapping[UUID | None, Sequence[NewContact]] | None = None,
    seen: Mapping[UUID | None, str] | None = None,
    absence: NewAbsence | None = None,
) -> list[str]:
    """Numbers by owner that take the place of the public ones, and an absence; what changed: phone, absence.

    `seen`: the numbers of each owner as the page showed them. Numbers just typed are known right today.
    Raises Stale where somebody changed one meanwhile, NotFound for an owner of others, and what `add_absence` raises.
    """
    changed: list[str] = []
    async with transaction(actor.scope) as sql:
        await sql.execute("select 1 from institution where id = $1 for update", institution)
        now = {one.owner: one for one in await own_contacts(institution)}
        for owner, wished in (phones or {}).items():
            if owner not in now:
                raise NotFound
            if seen is not None and seen.get(owner, now[owner].typed) != now[owner].typed:
                raise Stale
            if await _replace(institution, now[owner], wished, actor=actor):
                changed.append("phone")
        if absence is not None:
            await add_absence(institution, absence, by=actor.scope, source=SOURCE)
            changed.append("absence")
        if changed and not (absence is not None and absence.account and "phone" not in changed):
            await _tell(institution, sorted(set(changed)), actor=actor)
    return sorted(set(changed))


async def _replace(institution: UUID, mine: OwnContacts, wished: Sequence[NewContact], *, actor: Actor) -> bool:
    """The wished numbers instead of the public ones; all else stays. Whether anything differs."""
    known = {_number(one.plain): one.plain for one in mine.phones}
    kept = [known.get(_number(one), one) for one in wished]
    if kept == [one.plain for one in mine.phones]:
        return False
    others = [one.plain for one in mine.contacts if one not in mine.phones]
    await set_contacts(institution, [*kept, *others], by=actor.scope, source=SOURCE, belongs_to=mine.owner)
    now = next(one for one in await own_contacts(institution) if one.owner == mine.owner)
    new = [one.id for one in now.phones if _number(one.plain) not in known]
    await confirm_contacts(institution, new, how="partner", by=actor.scope)
    return True


def _number(contact: NewContact) -> tuple[str, str]:
    return "".join(sign for sign in contact.value if sign.isdigit()), contact.extension


@retrying
async def confirm_own_facts(
    institution: UUID, contacts: Sequence[UUID], hours: Mapping[UUID, int], *, actor: Actor
) -> int:
    """„Wszystko się zgadza”: these contacts, and the hours of these sites in the version that was seen; how many.

    What somebody changed meanwhile is not confirmed unseen. Raises Refused `nothing_to_confirm`.
    """
    async with transaction(actor.scope) as sql:
        done = await confirm_contacts(institution, contacts, how="partner", by=actor.scope)
        rows = await sql.fetch(
            "select id, version from site where institution = $1 and id = any($2::uuid[]) and hours_text <> ''",
            institution,
            list(hours),
        )
        for row in rows:
            if row["version"] == hours[row["id"]]:
                subject = ("site", row["id"])
                await confirm_field(institution, subject, "hours_text", how="partner", by=actor.scope)
                done += 1
        if not done:
            raise Refused("nothing_to_confirm")
    return done


@retrying
async def take_back_change(change: UUID, institution: UUID, *, actor: Actor) -> None:
    """The way back: the numbers as they were before a change that still stands.

    Raises NotFound, also for a change of others; Refused `changed_since` where it no longer stands.
    """
    async with transaction(actor.scope):
        if not await changes_of(institution, change=change):
            raise NotFound
        before = await contacts_before(change, institution)
        if before is None:
            raise Refused("changed_since")
        owner, contacts = before
        source = SOURCE if actor.institution == institution else "coordinator"
        await set_contacts(institution, contacts, by=actor.scope, source=source, belongs_to=owner)
        await _tell(institution, ["phone"], actor=actor)


@retrying
async def end_own_absence(absence: UUID, institution: UUID, *, actor: Actor) -> None:
    """End an absence of one's own institution. Raises NotFound."""
    async with transaction(actor.scope) as sql:
        of = await sql.fetchrow("select account from absence where id = $1 and institution = $2", absence, institution)
        if of is None or (of["account"] is not None and actor.kind == "capacity"):
            raise NotFound
        source = SOURCE if actor.institution == institution else "coordinator"
        await end_absence(absence, institution=institution, by=actor.scope, source=source)
        if of["account"] is None:
            await _tell(institution, ["absence"], actor=actor)


@retrying
async def not_for_me(institution: UUID, address: str, *, actor: Actor) -> None:
    """„To nie do mnie”: every link for free places mailed to this address ends, and no more mail goes there.

    The address counts as failing until somebody confirms it, so that the coordinator hears of it.
    """
    async with transaction(actor.scope) as sql:
        await sql.execute(
            """update contact set failing_since = $3 where institution = $1 and kind = 'email'
            and lower(value) = lower($2) and failing_since is null""",
            institution,
            address,
            clock.now(),
        )
        await sql.execute(
            """update link set revoked_at = $4 where kind = 'c' and institution = $1 and revoked_at is null
            and (id = $3 or ($2 <> '' and lower(address) = lower($2)))""",
            institution,
            address,
            actor.link,
            clock.now(),
        )
        facts = {"kind": "c", "why": "not_mine"}
        await record(Event.LINK_REVOKE, by=actor.scope, subject=("link", institution), facts=facts)


async def _tell(institution: UUID, what: Sequence[str], *, actor: Actor) -> None:
    """Word of a change to the institution's mailbox (with a link) and to its editors, except who made it."""
    async with connection() as sql:
        slot = int(clock.now().timestamp() // TELL_AGAIN)
        row = await sql.fetchrow("select name, language from institution where id = $1", institution)
        editors = await sql.fetch(
            """select a.email, a.language from account a join account_role r on r.account = a.id
            where a.institution = $1 and a.active and r.role = 'partner_editor' and a.id is distinct from $2
            order by a.email limit 20""",
            institution,
            actor.account,
        )
        told = await sql.fetch("select key from job where key like $1", f"own_facts:{institution}:%:{slot}")
    known = {one["key"] for one in told}
    facts = {"institution": row["name"], "what": list(what)}
    for editor in editors:
        key = f"own_facts:{institution}:{editor['email']}:{slot}"
        if key not in known:
            link = f"{settings().public_url}/my-offers/contact"
            await queue(editor["email"], OWN_FACTS_CHANGED, editor["language"], {**facts, "link": link}, key=key)
    address = await mail_address(institution)
    key = f"own_facts:{institution}:{address}:{slot}"
    if address and key not in known and address not in {one["email"] for one in editors}:
        async with transaction(SYSTEM):
            secret, made = await make_link("c", by=actor.scope, institution=institution, address=address)
        given = {**facts, "link": f"{settings().public_url}/c/{secret}?to=contact"}
        await queue(
            address, OWN_FACTS_CHANGED, row["language"], given, institution=institution, subject_id=made.id, key=key
        )
