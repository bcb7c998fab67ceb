"""An entry's life in the demonstration: history worth reading, what is scheduled or closed, what waits for approval."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.demo.marks import NETWORK, RUN, mark, marks
from referral_hub.demo.people import hands
from referral_hub.directory.opening import open_offer
from referral_hub.directory.pending_actions import decide
from referral_hub.directory.saving import save_entry
from referral_hub.directory.state_actions import move_offer
from referral_hub.institutions.actions import edit_institution

DONE = "versions"
TRUSTED, WAITING = "ngo-otwarte-drzwi", "ngo-krok"

# Days ago, by whom, why, what: the history of „Psycholog bez kolejki”.
PAST: tuple[tuple[int, str, str, dict[str, Any]], ...] = (
    (210, "partner_editor", "Psycholożka przyjmuje też po południu", {"papers": "Nic nie trzeba przynosić."}),
    (
        120,
        "coordinator",
        "Po rozmowie telefonicznej",
        {"first_step": "Zadzwoń między 8 a 15 i powiedz, że chcesz porozmawiać. Nie musisz mówić, o czym."},
    ),
    (
        34,
        "partner_editor",
        "Uczestnicy pytali o osobę towarzyszącą",
        {"conditions": "Można przyjść z bliską osobą. Rozmowa jest tylko dla dorosłych.", "cost": "za darmo"},
    ),
)
NEW: dict[str, Any] = {
    "form": "gr_wsparcia",
    "needs": ["izolacja"],
    "everybody": True,
    "intake_mode": "open",
    "rhythm": "month",
    "area": ["126301"],
    "cost": "za darmo",
}
SCHEDULED = NEW | {
    "title": "Wspólna Wigilia i śpiewanie kolęd",
    "first_step": "Zadzwoń i powiedz, w ile osób przyjdziesz.",
    "description": "Wspólny stół, barszcz i kolędy. Można coś przynieść, nie trzeba.",
}
CLOSED = NEW | {
    "title": "Kuchnia sąsiedzka: gotujemy razem",
    "first_step": "Przyjdź w sobotę o dziesiątej.",
    "description": "Gotujemy obiad z tego, co jest, i razem jemy.",
}
WISHED = {
    "title": "Prawnik od długów, eksmisji, alimentów i spraw o dzieci",
    "first_step": "Zadzwoń w poniedziałek rano i zapytaj o wolną godzinę. Weź pisma, które przyszły.",
    "phone": "14 600 20 31",
}
DRAFT = NEW | {
    "title": "Formularze i pisma: wypełnimy razem",
    "form": "por_prawne",
    "needs": ["prawo"],
    "first_step": "Przyjdź we wtorek między 10 a 13.",
    "description": "Pomagamy wypełnić wniosek, odwołanie albo prośbę o raty.",
}


async def keep_versions(now: datetime) -> None:
    """All of it, once."""
    if DONE in await marks(RUN):
        return
    made, people = await marks(NETWORK), await hands()
    partner, coordinator = people[TRUSTED, "partner_editor"], people["kis-razem", "coordinator"]
    async with transaction(SYSTEM):
        psychologist = UUID(made[TRUSTED]["offers"]["psycholog"])
        for days, role, why, values in PAST:
            with clock.at(now - timedelta(days=days)):
                actor = partner if role == "partner_editor" else coordinator
                await save_entry("offer", psychologist, values, actor=actor, why=why)
        await _states(UUID(made[TRUSTED]["institution"]), partner, now)
        await _approval(made[WAITING], people[WAITING, "partner_editor"], coordinator, now)
        await mark(RUN, DONE, {})


async def _states(institution: UUID, partner: Actor, now: datetime) -> None:
    with clock.at(now - timedelta(days=6)):
        draft = await open_offer(institution, SCHEDULED, actor=partner, publish=False)
        first = clock.today() + timedelta(days=16)
        await move_offer(draft.entry.id, "schedule", actor=partner, day=first)
        kitchen = await open_offer(institution, CLOSED, actor=partner, publish=True)
    with clock.at(now - timedelta(days=2)):
        opens = clock.today() + timedelta(days=14)
        await move_offer(kitchen.entry.id, "close", actor=partner, day=opens, word="Remont kuchni")


async def _approval(known: dict[str, Any], partner: Actor, coordinator: Actor, now: datetime) -> None:
    """A partner whose edits wait: one rejected in autumn, three waiting now, the last one typed today."""
    institution, lawyer = UUID(known["institution"]), UUID(known["offers"]["prawnik"])
    bankruptcy = UUID(known["offers"]["upadlosc"])
    with clock.at(now - timedelta(days=60)):
        await edit_institution(institution, {"edits_wait": True}, by=coordinator.scope, source="coordinator")
        await save_entry("offer", lawyer, {"title": "NAJLEPSZY PRAWNIK W MIEŚCIE!!!"}, actor=partner)
        async with transaction(SYSTEM) as sql:
            edit = await sql.fetchval("select id from pending_edit where subject = $1 and state = 'waiting'", lawyer)
        word = "Nazwa ma mówić, w czym pomaga prawnik, bez reklamy."
        await decide(edit, accepted=[], word=word, seen=None, actor=coordinator)
    with clock.at(now - timedelta(days=3)):
        await save_entry("offer", lawyer, WISHED, actor=partner, why="Mamy drugą prawniczkę i osobny numer")
    with clock.at(now - timedelta(days=1)):
        await open_offer(institution, DRAFT, actor=partner, publish=True)
    with clock.at(now - timedelta(hours=2)):
        await save_entry("offer", bankruptcy, {"cost": "za darmo; opłata sądowa 30 zł"}, actor=partner)
