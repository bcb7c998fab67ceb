"""A small network for the browser tests, made by the product's own functions; prints what it made as JSON.

Journeys change what they touch, so each has a partner of its own for every way of walking it.
"""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.links import make_link
from referral_hub.database.pool import close_pool, open_pool
from referral_hub.database.transaction import SYSTEM, connection, transaction
from referral_hub.enquiries.actions import ask
from referral_hub.enquiries.schemas import Question
from referral_hub.institutions.actions import NewContact, set_contacts
from referral_hub.participants.actions import register
from referral_hub.paths.actions import Head, start_path
from referral_hub.referrals.actions import draft, perform
from referral_hub.settings import settings
from referral_hub.upkeep.asking_actions import send_capacity_link
from referral_hub.upkeep.call_actions import wish_for_call
from tests.browser.burden_seed import burdens
from tests.browser.caseload_seed import make_list
from tests.browser.kinds_seed import enrol, fill_sweep, make_partners
from tests.browser.line_seed import line
from tests.browser.moderation_seed import leave_unsettled
from tests.browser.part_seed import coming
from tests.browser.person_seed import people_with_cards
from tests.browser.seed_groups import groups
from tests.browser.sharing_seed import shared
from tests.browser.versions_seed import give_past, make_versions
from tests.browser.week_seed import week
from tests.build import PASSWORD, actor_for, make_account, make_agreement, make_institution, make_offer, make_site

ROLES = {
    "caseworker": ("caseworker",),
    "coordinator": ("coordinator",),
    "dpo": ("dpo",),
    "admin": ("admin",),
    "solo": ("coordinator", "caseworker", "partner_intake"),
}
CONSENT = {"kind": "consent", "ground": "zgoda", "given_how": "signed", "fields": ["label", "contact"]}
HOURS = "poniedziałek–piątek 8:00–18:00"
PAST = timedelta(days=9)


async def partner(name: str, kind: str, email: str, phone: str, **more: Any) -> UUID:
    """A published partner with an agreement, an address for mail and a phone."""
    institution = await make_institution(name, kind, terc="126301", **more)
    contacts = [NewContact(kind="email", value=email), NewContact(kind="phone", value=phone)]
    await set_contacts(institution, contacts, by=SYSTEM, source="test")
    await make_agreement(institution)
    return institution


async def ngo(name: str, email: str) -> dict[str, Any]:
    """An association with two offers whose numbers are nine days old, asked for news by mail."""
    with clock.at(clock.now() - PAST):
        institution = await partner(name, "ngo", email, "14 600 00 01")
        site = await make_site(institution, hours_text=HOURS)
        common = {"site": site, "rhythm": "week", "needs": ["mieszkanie"]}
        flat = await make_offer(institution, "samopomoc_mieszk", "Mieszkanie treningowe", free=3, **common)
        debts = await make_offer(institution, "por_prawne", "Pomoc w zadłużeniu", free=2, **common)
    advice = await make_offer(institution, "por_obywatelskie", "Porady obywatelskie", site=site, needs=["prawo"])
    await make_account(institution, "partner_editor")
    await send_capacity_link(institution, by=SYSTEM)
    return {"id": str(institution), "email": email, "flat": str(flat), "debts": str(debts), "advice": str(advice)}


async def _away_for_half_a_year(institution: UUID) -> None:
    """Its editor has an account and has not signed in for six months."""
    async with connection() as sql:
        moment = clock.now() - timedelta(days=183)
        await sql.execute("update account set last_seen_at = $2 where institution = $1", institution, moment)


async def clinic() -> dict[str, Any]:
    """A therapy clinic that no number is known of, with hours and a phone."""
    institution = await partner(
        "Poradnia Terapii Uzależnień Nowy Początek",
        "lecznictwo_odwykowe",
        "rejestracja@poradnia.example",
        "14 600 00 02",
    )
    site = await make_site(institution, hours_text=HOURS, hours=_open_on_weekdays())
    offer = await make_offer(institution, "terapia_uzaleznien", "Terapia uzależnień", site=site, needs=["uzaleznienie"])
    return {"id": str(institution), "email": "rejestracja@poradnia.example", "offer": str(offer)}


def _open_on_weekdays() -> Any:
    return json.dumps([{"days": [1, 2, 3, 4, 5], "from": "08:00", "to": "18:00"}])


async def silent_partner(
    name: str = "Centrum Integracji Cichy Zakątek", email: str = "cis@zakatek.example", phone: str = "14 600 00 03"
) -> dict[str, Any]:
    """Somebody who gave a number once and has been quiet since, so that the telephone's turn has come."""
    with clock.at(clock.now() - timedelta(days=20)):
        institution = await partner(name, "cis", email, phone)
        site = await make_site(institution)
        offer = await make_offer(institution, "szkolenie", "Warsztat stolarski", site=site, free=4, rhythm="week")
    async with transaction(SYSTEM) as sql:
        await wish_for_call(sql, institution, "silent", due_on=clock.today())
    return {"id": str(institution), "offer": str(offer)}


async def person_of(worker: Actor, label: str, need: str) -> UUID:
    """Somebody registered by this worker, from a village near Tarnów."""
    made = await register(
        actor=worker, label=label, sex="not_stated", gmina="121610", needs=[need], contact="14 600 00 99"
    )
    return made.id


async def sent(worker: Actor, person: UUID, offer: str | UUID, need: str) -> UUID:
    """A referral sent with the person's consent."""
    task = await draft(actor=worker, person=person, offer=UUID(str(offer)), need=need, basis=CONSENT)
    await perform(task, actor=worker, verb="send", version=1)
    return task


async def answered(worker: Actor, person: UUID, offer: str, receiver: Actor) -> UUID:
    """A referral that went well to its end."""
    task = await sent(worker, person, offer, "mieszkanie")
    day = clock.today().isoformat()
    await perform(task, actor=receiver, verb="accept", version=2, fields={"date": day})
    fields = {"outcome": "mieszkanie", "date": day}
    await perform(task, actor=receiver, verb="deliver", version=3, fields=fields)
    return task


async def make() -> dict[str, Any]:
    """Everything the sweep and the journeys start from."""
    club = await partner("Klub Integracji Społecznej w Tarnowie", "kis", "klub@klub.example", "14 600 00 00", club=True)
    club_site = await make_site(club, hours_text=HOURS)
    club_offer = await make_offer(
        club, "gr_wsparcia", "Grupa wsparcia w klubie", site=club_site, free=5, needs=["grupa"]
    )
    accounts = {role: await make_account(club, *held, email=f"{role}@klub.example") for role, held in ROLES.items()}
    partners = {
        "sweep": await ngo("Stowarzyszenie Dobry Adres", "biuro@adres.example"),
        "guest": await ngo("Stowarzyszenie Bez Konta", "biuro@bezkonta.example"),
        "script": await ngo("Fundacja Nowy Dom", "biuro@nowydom.example"),
        "plain": await ngo("Fundacja Własny Kąt", "biuro@wlasnykat.example"),
        "tap": await ngo("Stowarzyszenie Jeden Krok", "biuro@jedenkrok.example"),
        "clerk": await ngo("Fundacja Co Pół Roku", "biuro@copolroku.example"),
        "claimed": await ngo("Fundacja Bez Opiekuna", "biuro@bezopiekuna.example"),
    }
    await _away_for_half_a_year(UUID(partners["clerk"]["id"]))
    for role in ("partner", "intake"):
        held = {"partner": "partner_editor", "intake": "partner_intake"}[role]
        accounts[role] = await make_account(UUID(partners["sweep"]["id"]), held, email=f"{role}@adres.example")
    await make_partners(accounts)
    versions = await make_versions(accounts)
    await give_past(UUID(partners["sweep"]["id"]), UUID(partners["sweep"]["advice"]))
    kinds = await fill_sweep(UUID(partners["sweep"]["id"]), club)
    worker = await actor_for(club, "caseworker")
    housed = await person_of(worker, "Osoba Mieszkaniowa", "mieszkanie")
    await start_path(housed, actor=worker, head=Head(goal="Mieszkać u siebie"), example="mieszkanie")
    await enrol(await sent(worker, housed, kinds["course"], "mieszkanie"), kinds["term"], worker)
    intake = await actor_for(UUID(partners["sweep"]["id"]), "partner_intake")
    question = Question(need="mieszkanie", people=1, ends_on=clock.today() + timedelta(days=3))
    asked = await ask(question, actor=worker)
    made = {
        "password": PASSWORD,
        "accounts": accounts,
        "club": {"id": str(club), "offer": str(club_offer)},
        "coming": await coming(club_offer),
        "partners": partners,
        "clinic": await clinic(),
        "burden": await burdens(worker, UUID(partners["tap"]["id"])),
        "line": await line(worker, accounts),
        "unsettled": await leave_unsettled(worker),
        "groups": await groups(club, UUID(partners["sweep"]["id"]), worker),
        "silent": await silent_partner(),
        "quiet": await silent_partner("Spółdzielnia Socjalna Cisza", "biuro@cisza.example", "14 600 00 04"),
        "versions": versions,
        "card": await people_with_cards(worker, partners["sweep"]["advice"], intake),
        "shared": await shared(worker, partners["sweep"]["advice"], intake),
        "week": await week(club),
        "caseload": await make_list(worker, club),
        "tasks": await _tasks(worker, housed, intake, partners, club_offer),
        "links": await _links(UUID(partners["sweep"]["id"]), accounts["partner"], housed, asked),
    }
    # Last of all: the composer puts the people of lately first.
    recent = {way: await person_of(worker, f"Osoba Próbna {way}", "uzaleznienie") for way in ("script", "plain")}
    return made | {"people": {way: str(person) for way, person in recent.items()} | {"housed": str(housed)}}


async def _tasks(
    worker: Actor, person: UUID, intake: Actor, partners: dict[str, dict[str, Any]], club_offer: UUID
) -> dict[str, str]:
    """Referrals in several states, and one from another institution to the club itself."""
    partner_made, guest = partners["sweep"], partners["guest"]
    ops = await partner("Ośrodek Pomocy Społecznej w Tarnowie", "ops", "ops@ops.example", "14 600 00 04")
    other = await actor_for(ops, "caseworker")
    to_club = await sent(other, await person_of(other, "Osoba Kierowana", "grupa"), club_offer, "grupa")
    advised = await person_of(other, "Osoba Pytająca", "prawo")
    for _ in range(6):
        await sent(other, advised, partner_made["advice"], "prawo")
    waiting = await sent(worker, person, partner_made["flat"], "mieszkanie")
    asked = await sent(worker, person, partner_made["debts"], "mieszkanie")
    await perform(asked, actor=intake, verb="ask", version=2, fields={"question": "Czy osoba ma już termin?"})
    done = await answered(worker, person, partner_made["flat"], intake)
    await sent(worker, person, guest["flat"], "mieszkanie")
    drafted = await draft(actor=worker, person=person, offer=UUID(partner_made["flat"]), need="mieszkanie")
    tasks = {"to_club": to_club, "waiting": waiting, "asked": asked, "done": done, "draft": drafted}
    return {name: str(task) for name, task in tasks.items()}


async def _links(institution: UUID, account: str, person: UUID, asked: UUID) -> dict[str, str]:
    capacity, _ = await make_link("c", by=SYSTEM, institution=institution, address="biuro@adres.example")
    own, _ = await make_link("p", by=SYSTEM, subject=person, with_code=True)
    async with connection() as sql:
        subject = await sql.fetchval("select id from account where email = $1", account)
    password, _ = await make_link("s", by=SYSTEM, institution=institution, subject=subject)
    enquiry, _ = await make_link("e", by=SYSTEM, institution=institution, subject=asked, address="biuro@adres.example")
    return {
        "enquiry": f"/e/{enquiry}",
        "capacity": f"/c/{capacity}",
        "person": f"/p/{own}",
        "password": f"/sign-in/set/{password}",
    }


async def main() -> None:
    await open_pool(settings().database_url, largest=2)
    try:
        print(json.dumps(await make()))
    finally:
        await close_pool()


if __name__ == "__main__":
    asyncio.run(main())
