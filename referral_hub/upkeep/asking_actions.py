"""Ask partners how many places are free: by mail, or by the coordinator's telephone.

Silence is the main failure: a mail with one link for all offers of an institution, at most as often as its offers
promise to report, four times without an answer at most, and then it is the telephone's turn.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR, Actor
from referral_hub.accounts.links import make_link
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import Scope, retrying, transaction
from referral_hub.directory.queries import (
    due_institutions,
    institution_name,
    mail_address,
    offers_of,
    reported_offers,
)
from referral_hub.directory.reading_actions import Said, report_reading
from referral_hub.errors import NotFound, Problem, Refused
from referral_hub.mail.actions import queue
from referral_hub.upkeep.emails import CAPACITY_DUE, capacity_due

UNANSWERED = 4
BETWEEN = {"day": timedelta(hours=20), "week": timedelta(days=6, hours=20)}
BETWEEN_RENEWALS = timedelta(minutes=5)
CALL_AGAIN = timedelta(days=1)
HEARD = ("no_change", "new_number", "nobody_answered")

_WILLING = """select exists (select 1 from account where institution = $1 and active)
 or exists (select 1 from link where institution = $1 and kind = 'c')
 or exists (select 1 from capacity_reading r join offer o on o.id = r.offer
            where o.institution = $1 and r.source = 'declared')"""
_ASKED = """select max(made_at) as last, count(*) filter (where made_at > coalesce((
 select max(r.recorded_at) from capacity_reading r join offer o on o.id = r.offer
 where o.institution = $1 and r.source in ('declared', 'reported')), '-infinity')) as unanswered
from link where institution = $1 and kind = 'c'"""


@retrying
async def send_capacity_link(institution: UUID, *, by: Scope, not_within: timedelta = BETWEEN_RENEWALS) -> bool:
    """Mail a fresh link to the institution's own address; False where it has none or got one `not_within` ago.

    Raises NotFound for an unknown institution.
    """
    name = await institution_name(institution)
    address = await mail_address(institution)
    offers = await reported_offers(institution)
    if not address or not offers:
        return False
    async with transaction(by) as sql:
        # Behind the lock, so that two taps or two workers send one mail.
        language = await sql.fetchval("select language from institution where id = $1 for update", institution)
        last = await sql.fetchval("select max(made_at) from link where institution = $1 and kind = 'c'", institution)
        if last is not None and last > clock.now() - not_within:
            return False
        secret, link = await make_link("c", by=by, institution=institution, address=address)
        facts = capacity_due(name, offers, secret, language)
        await queue(address, CAPACITY_DUE, language, facts, institution=institution, subject_id=link.id)
    return True


async def ask_everybody_due() -> int:
    """One mail to each institution with a number to confirm that takes part and has not been asked enough."""
    sent = 0
    for institution, offers in (await due_institutions()).items():
        often = "day" if any(offer.rhythm == "day" for offer in offers) else "week"
        async with transaction(SYSTEM_ACTOR.scope) as sql:
            willing = await sql.fetchval(_WILLING, institution)
            asked = await sql.fetchrow(_ASKED, institution)
        if willing and asked["unanswered"] < UNANSWERED:
            sent += await send_capacity_link(institution, by=SYSTEM_ACTOR.scope, not_within=BETWEEN[often])
    return sent


async def renew_by_address(address: str) -> None:
    """A new link for whoever lost theirs and names the institution's address; nothing tells whether we know it."""
    async with transaction(SYSTEM_ACTOR.scope) as sql:
        rows = await sql.fetch(
            """select distinct institution from contact where kind = 'email' and lower(value) = lower($1)
            order by institution limit 3""",
            address,
        )
    for row in rows:
        await send_capacity_link(row["institution"], by=SYSTEM_ACTOR.scope)


@retrying
async def note_call(
    institution: UUID,
    heard: str,
    *,
    actor: Actor,
    numbers: Mapping[UUID, int] | None = None,
    again_on: date | None = None,
) -> list[UUID]:
    """Record a call to a silent partner; the readings it gave.

    `heard`: `no_change` confirms every number of the institution that is due, `new_number` takes `numbers` (offer →
    free places), `nobody_answered` puts the call off to `again_on`, by default tomorrow. All of it or nothing.
    Raises NotFound, Refused("invalid") or Refused `no_number_to_confirm`.
    """
    if heard not in HEARD:
        raise Refused("invalid", [Problem("heard", "not_a_choice")])
    offers = {offer.id: offer for offer in await offers_of(institution) if offer.status == "published"}
    if not offers:
        raise NotFound
    said: dict[UUID, int] = {}
    if heard == "no_change":
        said = {offer.id: offer.still for offer in offers.values() if offer.due and offer.still is not None}
        if not said:
            raise Refused("no_number_to_confirm")
    elif heard == "new_number":
        said = dict(numbers or {})
        if not said:
            raise Refused("invalid", [Problem("free", "required")])
        if any(offer not in offers for offer in said):
            raise NotFound
    async with transaction(actor.scope) as sql:
        made = [await report_reading(offer, Said(free=free), actor=actor) for offer, free in said.items()]
        again = (again_on or clock.today() + CALL_AGAIN) if heard == "nobody_answered" else None
        await sql.execute(
            "insert into call_note (id, institution, at, account, heard, again_on) values ($1, $2, $3, $4, $5, $6)",
            new_id(),
            institution,
            clock.now(),
            actor.account,
            heard,
            again,
        )
        facts = {"heard": heard}
        await record(Event.CALL_NOTE, by=actor.scope, subject=("institution", institution), facts=facts)
    return made
