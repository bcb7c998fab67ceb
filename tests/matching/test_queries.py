"""Candidates come from the directory as staff see it, with distance, places and phone."""

from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from referral_hub import clock
from referral_hub.database.columns import new_id, to_json
from referral_hub.matching.fit import Person, Weight
from referral_hub.matching.queries import matches, offered
from referral_hub.vocabularies import book
from tests.build import make_institution, make_offer, make_site

pytestmark = pytest.mark.anyio
TARNOW = (50.0121, 20.9858)
PERSON = Person(need="uzaleznienie", forms=book.forms_for("uzaleznienie"), gmina="126301")


async def add_phone(
    database: asyncpg.Connection, institution: UUID, value: str, belongs_to: UUID | None = None
) -> None:
    await database.execute(
        "insert into contact (id, institution, belongs_to, kind, value) values ($1, $2, $3, 'phone', $4)",
        new_id(), institution, belongs_to, value,
    )  # fmt: skip


async def test_an_offer_near_by_comes_with_places_phone_hours_and_distance(database: asyncpg.Connection) -> None:
    clinic = await make_institution("Poradnia", kind="lecznictwo_odwykowe")
    site = await make_site(clinic, hours_text="pn–pt 8–18", lat=50.05, lon=20.98)
    offer = await make_offer(clinic, "terapia_uzaleznien", "Terapia", site=site, free=3)
    await add_phone(database, clinic, "14 000 00 01")
    await add_phone(database, clinic, "14 000 00 02", belongs_to=site)
    found = await matches(PERSON, TARNOW, clock.today())
    assert [match.offered.id for match in found] == [offer]
    one = found[0].offered
    assert one.phone == "14 000 00 02"
    assert one.site is not None
    assert one.site.hours_text == "pn–pt 8–18"
    assert one.capacity.free == 3
    assert one.is_sensitive
    assert found[0].fit.suggested
    assert found[0].fit.candidate.km == pytest.approx(4.2, abs=0.3)


async def test_held_places_are_not_free(database: asyncpg.Connection) -> None:
    clinic = await make_institution()
    offer = await make_offer(clinic, "terapia_uzaleznien", free=2)
    await database.execute("update offer_places set held = 1, taken_since = 1 where offer = $1", offer)
    (match,) = await matches(PERSON, None, clock.today())
    assert match.fit.candidate.available == 0
    assert not match.fit.suggested


async def test_only_open_offers_of_open_institutions_are_candidates(database: asyncpg.Connection) -> None:
    club = await make_institution()
    gone = await make_institution(status="archived")
    for institution, values in (
        (club, {"status": "closed"}),
        (club, {"status": "draft"}),
        (gone, {}),
        (club, {"visible_from": clock.today() + timedelta(days=3)}),
    ):
        await make_offer(institution, "terapia_uzaleznien", **values)
    await make_offer(club, "oferta_pracy")
    assert await matches(PERSON, None, clock.today()) == []


async def test_an_offer_of_another_form_that_names_the_need_is_found(database: asyncpg.Connection) -> None:
    offer = await make_offer(await make_institution(), "inna", needs=["uzaleznienie"])
    (match,) = await matches(PERSON, None, clock.today())
    assert match.offered.id == offer
    assert match.fit.told(Weight.FOR)[0].code == "need_answered"


async def test_conditions_and_area_reach_the_rules(database: asyncpg.Connection) -> None:
    institution = await make_institution()
    await make_offer(
        institution,
        "terapia_uzaleznien",
        eligibility=to_json({"sex": "K", "age_from": 18, "therapy_stage": "after"}),
        area=["24"],
    )
    asked = Person(need=PERSON.need, forms=PERSON.forms, gmina="126301", sex="M", age=17, therapy_stage="before")
    (match,) = await matches(asked, None, clock.today())
    assert {reason.code for reason in match.fit.told(Weight.AGAINST)} == {
        "only_women",
        "too_young",
        "other_stage",
        "out_of_area",
    }


async def test_offers_that_do_not_fit_are_told_only_where_nothing_fits_or_when_asked(
    database: asyncpg.Connection,
) -> None:
    institution = await make_institution()
    good = await make_offer(institution, "terapia_uzaleznien", "A")
    await make_offer(institution, "terapia_uzaleznien", "B", area=["24"])
    assert [match.offered.id for match in await matches(PERSON, None, clock.today())] == [good]
    assert len(await matches(PERSON, None, clock.today(), all_of_them=True)) == 2


async def test_a_closed_offer_can_still_be_looked_at(database: asyncpg.Connection) -> None:
    offer = await make_offer(await make_institution(), "terapia_uzaleznien", status="closed")
    match = await offered(offer, PERSON, TARNOW, clock.today())
    assert match is not None
    assert match.offered.status == "closed"
    assert await offered(new_id(), None, None, clock.today()) is None


async def test_a_full_neighbourhood_is_enough_and_an_empty_one_widens(database: asyncpg.Connection) -> None:
    near, far = await make_institution("Blisko"), await make_institution("Daleko")
    here, there = await make_site(near), await make_site(far, lat=54.35, lon=18.65, terc="226101")
    distant = await make_offer(far, "terapia_uzaleznien", "Daleka", site=there)
    assert [match.offered.id for match in await matches(PERSON, TARNOW, clock.today())] == [distant]
    for number in range(12):
        await make_offer(near, "terapia_uzaleznien", f"Bliska {number}", site=here)
    found = [match.offered.id for match in await matches(PERSON, TARNOW, clock.today())]
    assert len(found) == 12
    assert distant not in found


async def test_what_serves_the_gmina_or_is_remote_is_near_whatever_its_site(database: asyncpg.Connection) -> None:
    near, far = await make_institution("Blisko"), await make_institution("Daleko")
    here, there = await make_site(near), await make_site(far, lat=54.35, lon=18.65, terc="226101")
    serving = await make_offer(far, "terapia_uzaleznien", "Dojazd", site=there, area=["12"])
    remote = await make_offer(far, "terapia_uzaleznien", "Zdalnie", remote=True)
    for number in range(12):
        await make_offer(near, "terapia_uzaleznien", f"Bliska {number}", site=here)
    assert {serving, remote} <= {match.offered.id for match in await matches(PERSON, TARNOW, clock.today())}
