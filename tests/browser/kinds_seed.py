"""Partners for the walks through every kind of offer, and one offer of each page for the sweep."""

import json
from datetime import timedelta
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR, Actor
from referral_hub.attendance.term_enrolment import put_into_term
from referral_hub.barter.actions import add_line, propose
from referral_hub.barter.schemas import NewLine
from referral_hub.lending.actions import ask
from referral_hub.timetable.terms import TermFacts
from referral_hub.timetable.terms_actions import add_term
from tests.build import actor_for, make_account, make_institution, make_offer

ROOM = {"resource": "room", "pieces": 2, "holds_people": 20, "lending_hours": "pon.–pt. 8–20", "deposit": 50}


async def make_partners(accounts: dict[str, str]) -> dict[str, str]:
    """Two institutions with editors that nobody else's test touches; their ids."""
    made = {}
    for key, name in (("maker", "Centrum Wielu Ofert"), ("taker", "Klub Za Rogiem")):
        institution = await make_institution(name, "ngo", terc="126301")
        accounts[key] = await make_account(
            institution, "partner_editor", "partner_intake", email=f"{key}@wiele.example"
        )
        made[key] = str(institution)
    return made


async def fill_sweep(institution: UUID, club: UUID) -> dict[str, str]:
    """A course with terms, a room with bookings and an exchange at the swept partner."""
    editor = await actor_for(club, "caseworker")
    course = await make_offer(
        institution,
        "szkolenie",
        "Kurs z terminami",
        free=6,
        needs=["kwalifikacje"],
        details=json.dumps({"level": "start"}),
    )
    first = clock.today() + timedelta(days=20)
    for title, days in (("Zimowy", 0), ("Wiosenny", 90)):
        facts = TermFacts(title=title, starts_on=first + timedelta(days=days), places=8, hours=40, cost="bezpłatnie")
        term = await add_term(course, facts, actor=SYSTEM_ACTOR)
    room = await make_offer(institution, "uzyczenie_zasobu", "Sala do pożyczenia", details=json.dumps(ROOM))
    start = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    await ask(room, start, start + timedelta(hours=3), actor=editor, purpose="Warsztaty")
    swap = await make_offer(institution, "barter", "Wymiana przy adresie")
    ours = await make_offer(club, "barter", "Wymiana w klubie")
    given = await add_line(swap, NewLine("offered", "remonty", "Malowanie pokoi"), actor=SYSTEM_ACTOR)
    wanted = await add_line(ours, NewLine("wanted", "remonty", "Malowanie świetlicy"), actor=SYSTEM_ACTOR)
    for offer, line in ((swap, NewLine("wanted", "szycie")), (ours, NewLine("offered", "szycie", "Przeróbki"))):
        await add_line(offer, line, actor=SYSTEM_ACTOR)
    await propose(swap, given, wanted, actor=SYSTEM_ACTOR)
    return {"course": str(course), "term": str(term), "room": str(room), "swap": str(swap)}


async def enrol(task: UUID, term: str, worker: Actor) -> None:
    """A referral to the course has its place."""
    await put_into_term(task, UUID(term), actor=worker)
