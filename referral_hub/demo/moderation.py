"""What waits for the coordinator of the demonstration: suggestions, sources that disagree, entries that may be one."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import ANONYMOUS, SYSTEM_ACTOR, Actor
from referral_hub.database.columns import new_id, to_json
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.demo.marks import NETWORK, RUN, mark, marks
from referral_hub.demo.network import institutions, offers
from referral_hub.demo.people import hands
from referral_hub.directory.actions import OfferFacts, SiteFacts, add_offer, add_site, edit_site
from referral_hub.institutions.actions import NewContact, NewInstitution, add_institution
from referral_hub.institutions.source_ranks import SUPPORT
from referral_hub.moderation.actions import suggest
from referral_hub.moderation.notes import add_note
from referral_hub.moderation.suggesting import Told

DONE = "moderation"
REGISTER = "wykaz-przykladowy"
SUGGESTED = (
    ("ngo-krok", "prawnik", Told("hours_text", "pon. i śr. 9:00-15:00", "Tak jest na drzwiach."), False, 2),
    ("biblioteka", "", Told("phone", "14 555 02 48", "Stary numer nie odpowiada."), False, 5),
    ("cku-tarnow", "", Told("other", note="Zarabiaj w domu! Kliknij tutaj."), False, 1),
    ("odwyk-tarnow", "porada", Told("conditions", "Pierwsza rozmowa bez zapisów, w poniedziałki."), True, 9),
)
"""Institution, its offer or '', what was said, by a caseworker, days ago."""
DISAGREE = (
    ("wolontariat", "pon.-pt. 10:00-16:00", "pon.-pt. 8:00-14:00"),
    ("owes", "wt.-pt. 9:00-17:00", "pon.-pt. 7:30-15:30"),
)
"""Institution, hours as the partner gives them, hours as a register does."""
AGAIN = (
    ("ngo-otwarte-drzwi", "Stowarzyszenie Otwarte Drzwi w Tarnowie (przykład)"),
    ("wtz-tuchow", "Warsztat Terapii Zajęciowej „Koło” nr 2 w Tuchowie (przykład)"),
)
"""Entered twice, and a legitimate sibling: whose phone and address a second entry has."""
NOTE = ("odwyk-tarnow", "W piątki rejestracja odbiera tylko do południa; najlepiej dzwonić rano.")


async def fill_moderation(now: datetime) -> None:
    """All of it, once."""
    if DONE in await marks(RUN):
        return
    made = await marks(NETWORK)
    worker = (await hands())["kis-razem", "caseworker"]
    async with transaction(SYSTEM):
        await _suggestions(made, worker, now)
        for key, told, register in DISAGREE:
            await _disagreement(made[key], told, register, now)
        for key, name in AGAIN:
            await _again(key, name, now)
        with clock.at(now - timedelta(days=3)):
            await add_note(UUID(made[NOTE[0]]["institution"]), NOTE[1], actor=worker)
        await mark(RUN, DONE, {})


async def _suggestions(made: dict[str, dict[str, Any]], worker: Actor, now: datetime) -> None:
    for institution, offer, told, by_worker, days in SUGGESTED:
        entry, actor = made[institution], worker if by_worker else ANONYMOUS
        with clock.at(now - timedelta(days=days, hours=1)):
            if offer:
                await suggest("offer", UUID(entry["offers"][offer]), told, actor=actor)
            else:
                await suggest("institution", UUID(entry["institution"]), told, actor=actor)


async def _disagreement(entry: dict[str, Any], told: str, register: str, now: datetime) -> None:
    """The partner changed its hours; the register of last month still has others."""
    said = {
        "line": 2,
        "id": entry["key"],
        "institution": {"kind": "", "name": ""},
        "sites": [{"hours_text": register}],
    }
    as_at = (now - timedelta(days=30)).date()
    async with transaction(SYSTEM) as sql:
        await sql.execute(
            """insert into source_record (id, source, source_id, kind, institution, content_hash, said, made, first_at,
             last_at, as_at) values ($1, $2, $3, $4, $5, '', $6, $7, $8, $8, $9)""",
            *(new_id(), REGISTER, entry["key"], SUPPORT, UUID(entry["institution"]), to_json(said)),
            to_json({"sites": [entry["site"]], "offers": {}}),
            *(now - timedelta(days=29), as_at),
        )
    with clock.at(now - timedelta(days=8)):
        await edit_site(UUID(entry["site"]), {"hours_text": told}, actor=SYSTEM_ACTOR, why="nowe godziny")


async def _again(key: str, name: str, now: datetime) -> None:
    """A second entry with the phone and address of another, and an offer of its first form."""
    known = next(one for one in institutions() if one.key == key)
    form = next(one.form for one in offers() if one.at == key)
    with clock.at(now - timedelta(days=40)):
        facts = NewInstitution(kind=known.kind, name=name, terc=known.terc, example=True)
        contacts = [NewContact(kind="phone", value=known.phone.replace(" ", ""))]
        institution = await add_institution(facts, by=SYSTEM, source="coordinator", contacts=contacts)
        place = SiteFacts(street=known.street, post_code=known.post_code, place=known.place, terc=known.terc)
        site = await add_site(institution, place, actor=SYSTEM_ACTOR, source="coordinator")
        title = OfferFacts(form=form, title=f"{name.removesuffix(' (przykład)')}: zapisy", intake_mode="phone")
        await add_offer(institution, title, sites=[site], actor=SYSTEM_ACTOR, source="coordinator")
