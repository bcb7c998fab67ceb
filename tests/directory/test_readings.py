"""Readings are a ledger: kept as given, the newest in force, taken back only by adding."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR, Actor
from referral_hub.database.columns import new_id
from referral_hub.directory.actions import Said, report_reading, undo_reading
from referral_hub.errors import NotAllowed, NotFound, Refused
from tests.build import actor_for, make_institution, make_offer

pytestmark = pytest.mark.anyio


async def counter(sql: asyncpg.Connection, offer: UUID) -> tuple[int | None, int, int]:
    """(free, held, taken since) of an offer."""
    row = await sql.fetchrow("select free, held, taken_since from offer_places where offer = $1", offer)
    return (row["free"], row["held"], row["taken_since"])


async def take(sql: asyncpg.Connection, offer: UUID, times: int = 1) -> None:
    """What the referrals room does when somebody is accepted without a hold."""
    await sql.execute("update offer_places set taken_since = taken_since + $2 where offer = $1", offer, times)


@pytest.fixture
async def partner(database: asyncpg.Connection) -> Actor:
    return await actor_for(await make_institution(), "partner_editor")


async def test_a_reading_becomes_the_free_places_and_ends_the_count_of_taken(
    database: asyncpg.Connection, partner: Actor
) -> None:
    offer = await make_offer(partner.institution)
    await report_reading(offer, Said(free=5, maximum=6), actor=partner)
    await take(database, offer, 2)
    await database.execute("update offer_places set held = 1 where offer = $1", offer)
    await report_reading(offer, Said(free=3), actor=partner)
    assert await counter(database, offer) == (3, 1, 0)
    newest = await database.fetchrow(
        "select source, maximum, account from capacity_reading where offer = $1 order by recorded_at desc, id desc",
        offer,
    )
    assert (newest["source"], newest["maximum"], newest["account"]) == ("declared", None, partner.account)
    assert await database.fetchval("select maximum from offer_places where offer = $1", offer) == 6
    events = await database.fetch("select event, facts from audit_event where subject = $1", offer)
    assert [row["event"] for row in events] == ["reading:add", "reading:add"]


async def test_an_older_reading_is_kept_but_does_not_rule(database: asyncpg.Connection) -> None:
    offer = await make_offer(await make_institution())
    for as_of, free in ((date(2025, 6, 30), 4), (date(2024, 1, 31), 9), (date(2025, 6, 30), 5)):
        await report_reading(offer, Said(free=free, as_of=as_of), actor=SYSTEM_ACTOR, source="imported")
    assert (await counter(database, offer))[0] == 5
    assert await database.fetchval("select count(*) from capacity_reading where offer = $1", offer) == 3


async def test_the_same_import_row_is_one_reading(database: asyncpg.Connection) -> None:
    offer = await make_offer(await make_institution())
    said = Said(free=4, as_of=date(2025, 6, 30), source_ref="dps:1")
    first = await report_reading(offer, said, actor=SYSTEM_ACTOR, source="imported")
    assert await report_reading(offer, said, actor=SYSTEM_ACTOR, source="imported") == first
    assert await database.fetchval("select count(*) from capacity_reading where offer = $1", offer) == 1


async def test_over_capacity_and_sums_that_do_not_agree_are_kept_as_given(
    database: asyncpg.Connection, partner: Actor
) -> None:
    offer = await make_offer(partner.institution)
    await report_reading(offer, Said(free=2, maximum=1, taken=9, free_women=5, free_men=0), actor=partner)
    row = await database.fetchrow("select free, maximum, free_women from capacity_reading where offer = $1", offer)
    assert tuple(row.values()) == (2, 1, 5)


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        (Said(free=-1), "free", "out_of_range"),
        (Said(free=10_000), "free", "out_of_range"),
        (Said(free=1, waiting=-3), "waiting", "out_of_range"),
        (Said(free=1, as_of=date(2199, 1, 1)), "as_of", "as_of_in_future"),
        (Said(free=1, as_of=date(1066, 1, 1)), "as_of", "date_too_early"),
        (Said(free=1, status="perhaps"), "status", "not_a_choice"),
    ],
)
async def test_absurd_numbers_and_days_are_refused_and_leave_nothing(
    database: asyncpg.Connection, partner: Actor, said: Said, field: str, code: str
) -> None:
    offer = await make_offer(partner.institution)
    with pytest.raises(Refused) as refusal:
        await report_reading(offer, said, actor=partner)
    assert [(problem.field, problem.code) for problem in refusal.value.problems] == [(field, code)]
    assert await database.fetchval("select count(*) from capacity_reading where offer = $1", offer) == 0


async def test_today_is_never_in_the_future(database: asyncpg.Connection, partner: Actor) -> None:
    offer = await make_offer(partner.institution)
    with clock.at(datetime(2026, 11, 23, 6, 30, tzinfo=UTC)):
        await report_reading(offer, Said(free=1, as_of=date(2026, 11, 23)), actor=partner)
    assert (await counter(database, offer))[0] == 1


async def test_undo_restores_the_number_before_and_still_counts_who_was_taken(
    database: asyncpg.Connection, partner: Actor
) -> None:
    offer = await make_offer(partner.institution)
    await report_reading(offer, Said(free=5), actor=partner)
    await take(database, offer, 1)
    slip = await report_reading(offer, Said(free=0), actor=partner)
    await take(database, offer, 1)
    assert await undo_reading(slip, actor=partner) == offer
    assert await counter(database, offer) == (5, 0, 2)
    rows = await database.fetch(
        """select free, voided_at is not null as void, voids from capacity_reading
        where offer = $1 order by recorded_at, id""",
        offer,
    )
    assert [(row["free"], row["void"], row["voids"]) for row in rows] == [
        (5, False, None),
        (0, True, None),
        (5, False, slip),
    ]


async def test_undoing_the_only_reading_makes_places_unknown_again(
    database: asyncpg.Connection, partner: Actor
) -> None:
    offer = await make_offer(partner.institution)
    await undo_reading(await report_reading(offer, Said(free=5), actor=partner), actor=partner)
    assert (await counter(database, offer))[0] is None


async def test_an_undo_is_refused_twice_late_or_under_a_newer_reading(
    database: asyncpg.Connection, partner: Actor
) -> None:
    offer = await make_offer(partner.institution)
    first = await report_reading(offer, Said(free=5), actor=partner)
    second = await report_reading(offer, Said(free=4), actor=partner)
    with pytest.raises(Refused, match="not_the_latest_reading"):
        await undo_reading(first, actor=partner)
    with clock.at(clock.now() + timedelta(hours=25)), pytest.raises(Refused, match="too_late_to_undo"):
        await undo_reading(second, actor=partner)
    await undo_reading(second, actor=partner)
    with pytest.raises(Refused, match="already_undone"):
        await undo_reading(second, actor=partner)


async def test_whose_word_it_is(database: asyncpg.Connection, partner: Actor) -> None:
    other = await make_institution()
    offer = await make_offer(other)
    with pytest.raises(NotFound):
        await report_reading(offer, Said(free=1), actor=partner)
    with pytest.raises(NotFound):
        await report_reading(new_id(), Said(free=1), actor=partner)
    with pytest.raises(NotAllowed):
        await report_reading(offer, Said(free=1), actor=await actor_for(other, "partner_intake"))
    caseworker = await actor_for(await make_institution(kind="kis"), "caseworker")
    reading = await report_reading(offer, Said(free=1), actor=caseworker)
    assert await database.fetchval("select source from capacity_reading where id = $1", reading) == "reported"
    link = Actor(kind="capacity", role="capacity", institution=other)
    reading = await report_reading(offer, Said(free=1), actor=link)
    assert await database.fetchval("select source from capacity_reading where id = $1", reading) == "declared"
    with pytest.raises(NotFound):
        await report_reading(await make_offer(partner.institution), Said(free=1), actor=link)
    with pytest.raises(NotFound):
        await undo_reading(reading, actor=caseworker)


async def test_each_reading_raises_the_version_of_the_directory(database: asyncpg.Connection, partner: Actor) -> None:
    offer = await make_offer(partner.institution)
    version = "select sum(number) from directory_version"
    before = await database.fetchval(version)
    await report_reading(offer, Said(free=5), actor=partner)
    assert await database.fetchval(version) == before + 1
