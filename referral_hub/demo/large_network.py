"""The large network: thousands of copies of the invented institutions, one per gmina after another, by COPY."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub.database.columns import new_id, to_json
from referral_hub.demo.directory import INTAKE
from referral_hub.demo.network import Institution, Offer, institutions, offers
from referral_hub.demo.told_places import rhythm_of
from referral_hub.directory.freshness import LIMITS
from referral_hub.geography.units import Unit, units
from referral_hub.vocabularies.words import sort_key

SENDING = ("ops", "cus", "pcpr", "kis", "cis")
UNCOUNTED = 0.2
"""The share of offers that nobody counts places of."""


class LargeOffer(Struct):
    """An offer of the large network as the referrals need it; the counters fill up while they are made."""

    id: UUID
    institution: UUID
    needs: tuple[str, ...]
    reading: UUID | None
    recorded_at: datetime
    rhythm: str
    held: int = 0
    taken: int = 0


class LargeNetwork(Struct):
    """What was made: offers, and the institutions that send."""

    offers: list[LargeOffer]
    senders: list[tuple[UUID, Unit]]


def _gminy(rng: Random) -> Iterator[Unit]:
    """Every gmina of the country, round and round."""
    found = [unit for unit in units().values() if unit.level == 3]
    rng.shuffle(found)
    while True:
        yield from found


async def make_network(
    sql: asyncpg.Connection, institution_count: int, offer_count: int, now: datetime, rng: Random
) -> LargeNetwork:
    """Write institutions, sites, contacts, agreements and offers; readings come after the referrals."""
    models = [one for one in institutions() if one.is_example]
    written = [offer for offer in offers() if offer.state != "real" and offer.first]
    rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in COLUMNS}
    made = LargeNetwork([], [])
    gminy, begun = _gminy(rng), now - timedelta(days=560)
    for number in range(institution_count):
        gmina, model = next(gminy), models[number % len(models)]
        institution, site = new_id(), new_id()
        _institution(rows, institution, site, model, gmina, number, begun)
        if model.kind in SENDING:
            made.senders.append((institution, gmina))
        own = [offer for offer in written if offer.at == model.key]
        left, rest = offer_count - len(made.offers), institution_count - number
        for place in range(left // rest + (rng.random() < left % rest / rest)):
            offer = own[place] if place < len(own) else rng.choice(written)
            made.offers.append(_offer(rows, institution, site, offer, gmina, begun, now, rng))
    for table, names in COLUMNS.items():
        await sql.copy_records_to_table(table, records=rows[table], columns=names)
    return made


def columns(names: str) -> list[str]:
    """Column names written as one line."""
    return names.split()


COLUMNS: dict[str, list[str]] = {
    "institution": columns("id kind name sort_key terc example status version made_at updated_at"),
    "site": columns("id institution street post_code place terc lat lon precision hours_text updated_at"),
    "contact": columns("id institution kind value position source"),
    "data_agreement": columns("id institution kind reference signed_on"),
    "offer": columns(
        "id institution form title description needs audiences languages eligibility area first_step papers cost "
        "intake_mode sensitive rhythm version made_at updated_at"
    ),
    "offer_site": columns("id offer site"),
}


def _institution(
    rows: dict[str, list[tuple[Any, ...]]],
    institution: UUID,
    site: UUID,
    model: Institution,
    gmina: Unit,
    number: int,
    begun: datetime,
) -> None:
    name = f"{model.name.replace(' (przykład)', '')}, {gmina.name} (przykład {number + 1})"
    key = sort_key(name)
    rows["institution"].append((institution, model.kind, name, key, gmina.code, True, "published", 1, begun, begun))
    street, post_code = f"ul. Przykładowa {number % 90 + 1}", f"{number % 90 + 10}-{number % 900 + 100}"
    point = (gmina.lat + (number % 7 - 3) / 500, gmina.lon + (number % 11 - 5) / 500)
    rows["site"].append(
        (site, institution, street, post_code, gmina.name, gmina.code, *point, "gmina", model.hours, begun)
    )
    for place, (kind, value) in enumerate(
        (("phone", f"14555{number % 9000 + 1000:04d}"), ("email", f"biuro@p{number + 1:05d}.example"))
    ):
        rows["contact"].append((new_id(), institution, kind, value, place, "demo"))
    rows["data_agreement"].append((new_id(), institution, "agreement", "demonstracja", begun.date()))


def _offer(
    rows: dict[str, list[tuple[Any, ...]]],
    institution: UUID,
    site: UUID,
    offer: Offer,
    gmina: Unit,
    begun: datetime,
    now: datetime,
    rng: Random,
) -> LargeOffer:
    made, rhythm = new_id(), rhythm_of(offer.rhythm)
    eligibility = {"age_from": offer.age_min, "age_to": offer.age_max, "sex": offer.sex, "note": offer.who}
    rows["offer"].append(
        (
            made,
            institution,
            offer.form,
            offer.title,
            offer.text,
            list(offer.needs),
            list(offer.groups),
            ["pl"],
            to_json({name: value for name, value in eligibility.items() if value}),
            [gmina.code[:4]],
            offer.first,
            offer.papers,
            offer.cost,
            INTAKE[offer.intake],
            offer.sensitive,
            rhythm,
            1,
            begun,
            begun,
        )
    )
    if not offer.remote:
        rows["offer_site"].append((new_id(), made, site))
    age = rng.triangular(0, LIMITS[rhythm].not_suggested * 1.2, 2)
    counted = rng.random() >= UNCOUNTED
    return LargeOffer(made, institution, offer.needs, new_id() if counted else None, now - timedelta(days=age), rhythm)


async def write_readings(sql: asyncpg.Connection, made: LargeNetwork, rng: Random) -> None:
    """One reading per counted offer, with room for the holds and takings that the referrals made of it."""
    readings, places = [], []
    for offer in made.offers:
        if offer.reading is None:
            continue
        needed = offer.held + offer.taken
        free = needed + (0 if rng.random() < 0.15 else rng.randint(1, 6))
        waiting = rng.randint(1, 9) if free == 0 else None
        maximum = free + rng.randint(3, 20)
        at = offer.recorded_at
        readings.append((offer.reading, offer.id, at, at, "declared", free, maximum, waiting, "", ""))
        places.append((offer.id, offer.reading, free, offer.held, offer.taken))
    names = columns("id offer as_of recorded_at source free maximum waiting status note")
    await sql.copy_records_to_table("capacity_reading", records=readings, columns=names)
    names = columns("offer reading free held taken_since")
    await sql.copy_records_to_table("offer_places", records=places, columns=names)
