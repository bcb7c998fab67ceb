"""The everyday of accounts in the demonstration: a team, a claim that waits, an agreement that ends, notices, stars."""

from datetime import datetime, timedelta
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.accounts.claims import claimable, open_claim
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.demo.marks import NETWORK, RUN, mark, marks
from referral_hub.demo.people import hands
from referral_hub.directory.favourites import keep_favourite
from referral_hub.directory.notices import add_notice

DONE = "office"
CLAIMED, CLAIMANT = "cudzoziemcy", "zespol@punkt-witaj.example"
NOTICES = (
    ("ngo-otwarte-drzwi", "", "W piątek nieczynne: inwentaryzacja", 0, 6),
    ("ngo-krok", "prawnik", "Prawnik przyjmuje w tym tygodniu tylko telefonicznie", 0, 4),
    ("ngo-otwarte-drzwi", "laznia", "Łaźnia zamknięta: wymiana bojlera", 9, 11),
)
"""Institution, its offer or '', words, first and last day from today."""
FAVOURITES = (("ngo-otwarte-drzwi", "psycholog"), ("ngo-krok", "prawnik"), ("odwyk-tarnow", "porada"))


async def open_office(now: datetime) -> None:
    """All of it, once."""
    if DONE in await marks(RUN):
        return
    made = await marks(NETWORK)
    async with transaction(SYSTEM):
        with clock.at(now - timedelta(hours=3)):
            await _say(made)
            await _claim(UUID(made[CLAIMED]["institution"]))
            worker = (await hands())["kis-razem", "caseworker"]
            for institution, offer in FAVOURITES:
                await keep_favourite(UUID(made[institution]["offers"][offer]), actor=worker)
        await mark(RUN, DONE, {})


async def _say(made: dict[str, dict[str, object]]) -> None:
    today = clock.today()
    for institution, offer, words, first, last in NOTICES:
        offers = made[institution]["offers"]
        about = UUID(str(offers[offer])) if offer and isinstance(offers, dict) else None
        await add_notice(
            UUID(str(made[institution]["institution"])),
            words,
            from_on=today + timedelta(days=first),
            until_on=today + timedelta(days=last),
            about=about,
            actor=SYSTEM_ACTOR,
        )


async def _claim(institution: UUID) -> None:
    """Somebody has asked for a code; the mailbox of the demonstration shows it."""
    found = await claimable(institution)
    await open_claim(institution, CLAIMANT, found.mailboxes[0].id, language="pl")
