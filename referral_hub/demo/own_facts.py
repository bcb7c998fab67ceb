"""Partners look after their own contacts: confirmed, corrected by a link, away for a while, or not answering."""

from datetime import date, datetime, timedelta
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.absences import NewAbsence
from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.demo.marks import NETWORK, RUN, mark, marks
from referral_hub.demo.people import hands
from referral_hub.institutions.actions import NewContact
from referral_hub.institutions.confirmations import confirm_field, confirm_phone, doubt_phone
from referral_hub.upkeep.own_facts import own_contacts
from referral_hub.upkeep.own_facts_actions import keep_own_facts

DONE = "own_facts"
CALLED, CORRECTED, AWAY, SILENT = "ngo-otwarte-drzwi", "piekarnia", "caritas", "ogrody"
CORRECT_NUMBER, MEANWHILE = "145550161", "14 555 01 62"


async def look_after_contacts(now: datetime) -> None:
    """All of it, once."""
    if DONE in await marks(RUN):
        return
    made = {key: UUID(known["institution"]) for key, known in (await marks(NETWORK)).items()}
    sites = {key: UUID(known["site"]) for key, known in (await marks(NETWORK)).items()}
    caller = (await hands())["kis-razem", "coordinator"]
    async with transaction(SYSTEM):
        await _confirmed(made[CALLED], sites[CALLED], caller, now)
        with clock.at(now - timedelta(days=5)):
            phones: dict[UUID | None, list[NewContact]] = {None: [NewContact(kind="phone", value=CORRECT_NUMBER)]}
            await keep_own_facts(made[CORRECTED], actor=_by_link(made[CORRECTED]), phones=phones)
        with clock.at(now - timedelta(days=3)):
            today = clock.today()
            absence = NewAbsence(
                from_on=today,
                until_on=today + timedelta(days=14),
                replacement="kancelaria parafialna",
                phone=MEANWHILE,
            )
            await keep_own_facts(made[AWAY], actor=_by_link(made[AWAY]), absence=absence)
            number = (await own_contacts(made[SILENT]))[0].phones[0]
            await doubt_phone(number.id, by=caller.scope)
        await mark(RUN, DONE, {})


async def _confirmed(institution: UUID, site: UUID, caller: Actor, now: datetime) -> None:
    """The phone by a call yesterday, the hours by the partner one March ago."""
    march = date(now.year if now.month > 4 else now.year - 1, 3, 12)
    with clock.at(now - timedelta(days=1)):
        number = (await own_contacts(institution))[0].phones[0]
        await confirm_phone(institution, number.value, how="call", by=caller.scope)
        await confirm_field(institution, ("site", site), "hours_text", how="partner", by=SYSTEM, on=march)


def _by_link(institution: UUID) -> Actor:
    """Whoever holds the link mailed to an institution."""
    return Actor(kind="capacity", role="capacity", institution=institution)
