"""Load the directory of the demonstration network through the hub's own actions: one transaction, clock moved."""

from datetime import datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.clock import WARSAW
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.demo.asked import prefer_text_messages, tell_asked
from referral_hub.demo.kinds import details_of
from referral_hub.demo.marks import mark_institution
from referral_hub.demo.network import OWN_KIS, Institution, Offer, institutions, offers, public_readings, sources
from referral_hub.demo.plan import MONTHS
from referral_hub.demo.told_places import rhythm_of, told_places
from referral_hub.directory.actions import OfferFacts, Said, SiteFacts, add_offer, add_site, report_reading
from referral_hub.geography.units import localities, unit
from referral_hub.institutions.actions import NewContact, NewInstitution, add_agreement, add_institution
from referral_hub.upkeep.asking_actions import send_capacity_link

REGION = ["1201", "1202", "1204", "1216", "1263"]
HIDDEN = ("oik", "schronisko")
ASKED = ("ngo-otwarte-drzwi", "ngo-krok", "ngo-most", "cudzoziemcy", "hotel", "spoldzielnia-smak")
"""Asked for their places at once, whatever the hour: the mailbox is no place to wait for office hours."""
ENDING, ENDS_AFTER = "ngo-krok", timedelta(days=24)
"""Whose agreement the coordinator sees ending."""
BY_TEXT, MOBILE = "hotel", "500555014"
INTAKE = {"walk_in": "open", "phone": "phone", "appointment": "referral", "online": "referral", "referral": "official"}


async def load_directory(now: datetime, seed: int) -> None:
    """Every institution with its site, offers, readings and agreement, as if gathered over eighteen months."""
    begun = now - timedelta(days=31 * MONTHS)
    rng = Random(seed)  # noqa: S311 -- invented numbers, not secrets
    made: dict[str, UUID] = {}
    async with transaction(SYSTEM):
        with clock.at(begun):
            for institution in institutions():
                made |= await _institution(institution, made, begun, now)
        for offer in offers():
            await _readings(offer, made[f"{offer.at}/{offer.key}"], now, rng)
        await prefer_text_messages(made[BY_TEXT], MOBILE)
        for key in ASKED:
            await send_capacity_link(made[key], by=SYSTEM)
        await tell_asked(now)


async def _institution(one: Institution, made: dict[str, UUID], begun: datetime, now: datetime) -> dict[str, UUID]:
    """The institution, its site, its offers; ids by key and by key/offer."""
    source = sources()[one.source].name
    facts = NewInstitution(
        kind=one.kind,
        name=one.name,
        terc=one.terc,
        club=one.key == OWN_KIS,
        example=one.is_example,
        parent=made.get(one.parent),
    )
    identifiers = [("rjps", one.rjps)] if one.rjps else []
    institution = await add_institution(
        facts, by=SYSTEM, source=source, identifiers=identifiers, contacts=_contacts(one)
    )
    site = await add_site(institution, _site(one), actor=SYSTEM_ACTOR, source=source)
    found = {one.key: institution}
    for offer in offers():
        if offer.at == one.key:
            at = [] if offer.remote else [site]
            made_offer = await add_offer(institution, _offer(offer), sites=at, actor=SYSTEM_ACTOR, source=source)
            found[f"{one.key}/{offer.key}"] = made_offer
    signed = (begun + timedelta(days=2)).date()
    await add_agreement(
        institution,
        _agreement(one),
        signed_on=signed,
        valid_until=(now + ENDS_AFTER).date() if one.key == ENDING else None,
        by=SYSTEM,
        reference="demonstracja",
    )
    ids = {"institution": str(institution), "site": str(site)}
    offered = {key.partition("/")[2]: str(value) for key, value in found.items() if "/" in key}
    await mark_institution(one, institution, {**ids, "offers": offered})
    return found


def _agreement(one: Institution) -> str:
    if one.key == OWN_KIS or one.parent:
        return "internal"
    return "statute" if one.kind in ("ops", "cus", "pcpr", "pup") else "agreement"


def _contacts(one: Institution) -> list[NewContact]:
    as_of = sources()[one.source].as_of
    phone = one.phone.replace(" ", "")
    mobile = phone[:1] in "5678" or phone[:2] == "45"
    given = (("mobile" if mobile else "phone", phone), ("email", one.email), ("www", one.www))
    return [NewContact(kind=kind, value=value, confirmed_on=as_of) for kind, value in given if value]


def _site(one: Institution) -> SiteFacts:
    lat, lon, precision = _point(one)
    hidden = one.kind in HIDDEN
    street = "" if one.is_example and hidden and not one.lat else one.street
    return SiteFacts(
        street=street,
        post_code=one.post_code,
        place=one.place,
        terc=one.terc,
        lat=lat,
        lon=lon,
        precision=precision,
        hours_text=one.hours,
        address_visibility="staff" if hidden else "public",
        accessibility=_access(one),
    )


def _access(one: Institution) -> dict[str, Any]:
    """Invented places say something about steps; of real ones nothing is claimed here."""
    if not one.is_example:
        return {}
    step_free = "no" if one.key in ("hotel", "pk-tarnow", "cech-tarnow", "ngo-nowa-droga") else "yes"
    text = "Wejście z poziomu chodnika." if step_free == "yes" else "Schody, bez windy; pomożemy na miejscu."
    return {"overall": {"answer": step_free, "text": text}}


def _point(one: Institution) -> tuple[float | None, float | None, str]:
    """Coordinates and how far they can be trusted: the register's own, else the village, else the gmina."""
    if one.lat is not None:
        return one.lat, one.lon, "address"
    if one.kind in HIDDEN:
        return None, None, ""
    for found in localities():
        if found.gmina == one.terc and found.name == one.place:
            return found.lat, found.lon, "place"
    gmina = unit(one.terc)
    return (gmina.lat, gmina.lon, "gmina") if gmina else (None, None, "")


def _offer(offer: Offer) -> OfferFacts:
    en, uk = offer.en or ("", ""), offer.uk or ("", "")
    conditions = {"age_from": offer.age_min, "age_to": offer.age_max, "sex": offer.sex, "note": offer.who}
    return OfferFacts(
        form=offer.form,
        title=offer.title,
        title_en=en[0],
        title_uk=uk[0],
        description=offer.text,
        description_en=en[1],
        description_uk=uk[1],
        needs=list(offer.needs),
        audiences=list(offer.groups),
        languages=["pl", "uk"] if offer.uk else ["pl"],
        eligibility={name: value for name, value in conditions.items() if value},
        area=list(offer.area) or REGION,
        remote=offer.remote,
        first_step=offer.first,
        papers=offer.papers,
        cost=offer.cost,
        stipend="świadczenie integracyjne" if offer.form == "zatrudnienie_cis" else "",
        intake_mode=INTAKE[offer.intake],
        disclosure=offer.policy,
        sensitive=offer.sensitive,
        unit="bed" if offer.form in ("schronienie", "pobyt_calodobowy") else "place",
        rhythm=rhythm_of(offer.rhythm),
        details=details_of(offer.at, offer.key),
    )


async def _readings(offer: Offer, made: UUID, now: datetime, rng: Random) -> None:
    if offer.state == "real":
        await _real_readings(offer, made, now)
    for told in told_places(offer, now, rng):
        said = Said(
            free=told.free,
            maximum=told.maximum,
            waiting=told.waiting,
            waiting_days=told.waiting_days,
            free_women=told.free if offer.sex == "K" else None,
            free_men=told.free if offer.sex == "M" else None,
            as_of=told.at,
        )
        with clock.at(told.at):
            await report_reading(made, said, actor=SYSTEM_ACTOR, source=told.source)


async def _real_readings(offer: Offer, made: UUID, now: datetime) -> None:
    """The voivode's monthly figures, as given: over capacity and with a queue beside free places."""
    for row in public_readings():
        at = datetime.combine(row.as_of, time(12), WARSAW)
        if (row.institution, row.group) != (offer.at, offer.key) or at > now:
            continue
        said = Said(
            free=row.free,
            maximum=row.maximum,
            taken=row.held,
            waiting=row.waiting,
            waiting_days=row.waiting_days or None,
            free_women=row.free_k,
            free_men=row.free_m,
            as_of=at,
            source_ref=f"demo:{row.institution}:{row.group}:{row.as_of}",
        )
        with clock.at(at + timedelta(days=9)):
            await report_reading(made, said, actor=SYSTEM_ACTOR, source="imported")
