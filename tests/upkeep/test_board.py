"""The board counts as the one rule of freshness says, and leads to the offers behind each number."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.database.columns import new_id
from referral_hub.directory.actions import Said, report_reading
from referral_hub.directory.freshness import LIMITS, Rhythm, freshness
from referral_hub.upkeep.asking_actions import ask_everybody_due
from referral_hub.upkeep.board import LABELS, Group, grouped, label_in_sql
from referral_hub.upkeep.board_queries import board, everything, this_week
from referral_hub.upkeep.call_actions import note_call
from tests.build import actor_for, make_account, make_institution, make_offer, make_site, sign_in_as
from tests.upkeep.test_asking import add_contact

pytestmark = pytest.mark.anyio
WEDNESDAY = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


async def told(institution: UUID, rhythm: str, age: int, **values: object) -> UUID:
    offer = await make_offer(institution, rhythm=rhythm, **values)
    await report_reading(offer, Said(free=1, as_of=WEDNESDAY - timedelta(days=age)), actor=SYSTEM_ACTOR)
    return offer


async def test_the_label_in_sql_is_the_label_of_the_rule(database: asyncpg.Connection) -> None:
    """Every rhythm, every age up to beyond the last limit, around midnight and over the change of the clocks."""
    today = date(2026, 11, 2)
    text = label_in_sql("($1::date - ($2::timestamptz at time zone 'Europe/Warsaw')::date)", "$3::text")
    edges = {age for limit in LIMITS.values() for age in (limit.fresh, limit.ask_first, limit.not_suggested)}
    ages = sorted({age + near for age in edges for near in (-1, 0, 1)})
    for rhythm in Rhythm:
        for age in (0, 8, 9, *ages):
            for hour in (0, 23):
                moment = datetime(2026, 11, 2, hour, 30, tzinfo=clock.WARSAW) - timedelta(days=age)
                said = await database.fetchval(f"select {text}", today, moment, rhythm.value)
                assert said == freshness(moment.date(), rhythm, today), (rhythm, age, hour)
        assert await database.fetchval(f"select {text}", today, None, rhythm.value) == "unknown"


def test_groups_with_most_to_do_come_first() -> None:
    rows = [("a", "fresh", 9), ("b", "closed", 2), ("b", "fresh", 1), ("c", "unknown", 1)]
    groups = grouped(rows, {"a": "Ala"})
    assert [(group.name, group.stale, group.total) for group in groups] == [("b", 2, 3), ("c", 1, 1), ("Ala", 0, 9)]
    assert groups[0].share == pytest.approx(1 / 3)
    assert Group("", "", {}).share == 0


async def test_it_counts_by_kind_gmina_institution_editor_and_rhythm(database: asyncpg.Connection) -> None:
    with clock.at(WEDNESDAY):
        ngo = await make_institution("Fundacja", kind="ngo", terc="120105")
        ops = await make_institution("OPS", kind="ops", terc="126301")
        site = await make_site(ops, terc="126301")
        await told(ngo, "week", 3)
        await told(ngo, "week", 10)
        await told(ngo, "month", 70)
        await told(ops, "quarter", 400, site=site)
        await make_offer(ops, site=site)
        await make_offer(ops, status="draft")
        await make_offer(ops, status="published", visible_from=date(2027, 1, 1))
        editor = await actor_for(ngo, "partner_editor")
        own = await make_offer(ngo, rhythm="day")
        await report_reading(own, Said(free=2), actor=editor)
        assert {group.key: dict(group.counts) for group in await board("kind", "pl")} == {
            "ngo": {"fresh": 2, "ask_first": 1, "not_suggested": 1, "closed": 0, "unknown": 0},
            "ops": {"fresh": 0, "ask_first": 0, "not_suggested": 0, "closed": 1, "unknown": 1},
        }
        assert {group.key: group.total for group in await board("gmina", "pl")} == {"120105": 4, "126301": 2}
        assert {group.name: group.total for group in await board("institution", "pl")} == {"Fundacja": 4, "OPS": 2}
        by_editor = {group.key: (group.name, group.total) for group in await board("editor", "pl")}
        assert by_editor["link"][1] == 4
        assert by_editor["nobody"][1] == 1
        assert by_editor[str(editor.account)][0].startswith("Fundacja: ")
        assert {group.key: group.counts["closed"] for group in await board("rhythm", "pl")} == {
            "day": 0,
            "week": 0,
            "month": 0,
            "quarter": 1,
        }
        total = await everything()
        assert (total.total, total.counts["fresh"], total.share) == (6, 2, pytest.approx(1 / 3))


async def test_the_page_leads_from_a_number_to_its_offers(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    with clock.at(WEDNESDAY):
        ngo = await make_institution("Fundacja Most", terc="120105")
        await told(ngo, "week", 10, title="Stara Oferta")
        await told(ngo, "week", 1, title="Nowa Oferta")
        await sign_in_as(web, await make_institution("KIS", kind="kis", club=True), "coordinator")
        page = await web.get("/freshness")
        assert page.status_code == 200
        assert "stan na 25.11.2026" in page.text
        assert "50%" in page.text
        assert "/freshness/offers?by=kind&amp;key=ngo&amp;label=ask_first" in page.text
        behind = await web.get("/freshness/offers?by=kind&key=ngo&label=ask_first")
        assert "Stara Oferta" in behind.text
        assert "Nowa Oferta" not in behind.text
        everybody = await web.get("/freshness/offers")
        assert "Nowa Oferta" in everybody.text
        for way in ("gmina", "institution", "editor", "rhythm"):
            assert (await web.get(f"/freshness?by={way}")).status_code == 200
        answer = (await web.get("/api/v1/freshness?by=rhythm")).json()
        assert answer["as_of"] == "2026-11-25"
        assert answer["groups"] == [
            {
                "key": "week",
                "name": "co tydzień",
                "offers": 2,
                "fresh_share": 0.5,
                "labels": {"fresh": 1, "ask_first": 1, "not_suggested": 0, "closed": 0, "unknown": 0},
            }
        ]


async def test_the_csv_has_every_line_and_runs_no_formula(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    with clock.at(WEDNESDAY):
        await told(await make_institution("=HYPERLINK(1)"), "week", 1)
        await told(await make_institution("Fundacja; „Most”"), "week", 100)
        await sign_in_as(web, await make_institution("KIS", kind="kis", club=True), "coordinator")
        answer = await web.get("/freshness.csv?by=institution")
    assert answer.headers["content-disposition"] == 'attachment; filename="aktualnosc-institution-2026-11-25.csv"'
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert rows[0][0] == "instytucja"
    assert rows[1][:3] == ["Fundacja; „Most”", "1", "0.0"]
    assert rows[2][:3] == ["'=HYPERLINK(1)", "1", "100.0"]
    assert rows[3] == ["stan na", "2026-11-25"]


async def test_wrong_addresses_and_wrong_people(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    await sign_in_as(web, await make_institution("KIS", kind="kis", club=True), "coordinator")
    for path, status in (
        ("/freshness?by=colour", 422),
        ("/freshness.csv?by=", 422),
        ("/freshness/offers?by=x", 422),
        ("/freshness/offers?label=x", 422),
        ("/freshness?page=99999999999999999999", 200),
        ("/freshness?page=²", 200),
        ("/freshness/offers?page=9999", 200),
        ("/freshness/offers?by=editor&key=%00%27;drop", 200),
        (f"/freshness/offers?by=institution&key={new_id()}", 200),
        ("/freshness/offers?by=gmina&key=", 200),
        ("/api/v1/freshness?by=colour", 422),
    ):
        assert (await web.get(path)).status_code == status, path
    await sign_in_as(web, await make_institution(), "partner_editor")
    for path in ("/freshness", "/freshness.csv", "/freshness/offers", "/api/v1/freshness"):
        assert (await web.get(path)).status_code == 403, path


async def test_the_week_says_what_was_asked_answered_and_phoned(database: asyncpg.Connection) -> None:
    with clock.at(WEDNESDAY - timedelta(days=7)):
        await _asked_institution("Zeszły tydzień")
        await ask_everybody_due()
    with clock.at(WEDNESDAY):
        answering = await _asked_institution("Odpowie")
        await _asked_institution("Milczy")
        await _asked_institution("Telefon", reached_by="phone")
        await ask_everybody_due()
    with clock.at(WEDNESDAY + timedelta(hours=1)):
        offer = await database.fetchval("select id from offer where institution = $1", answering)
        await report_reading(offer, Said(free=1), actor=await actor_for(answering, "partner_editor"))
        caller = await actor_for(await make_institution("KIS", kind="kis", club=True), "coordinator")
        await note_call(answering, "nobody_answered", actor=caller)
        week = await this_week()
    assert (week.since, week.asked, week.answered, week.messages) == (date(2026, 11, 23), 3, 1, 3)
    assert (week.calls, week.reached, dict(week.tasks)) == (1, 0, {"prefers_phone": 1})


async def _asked_institution(name: str, **values: object) -> UUID:
    institution = await make_institution(name, **values)
    await add_contact(institution, "email", f"b{institution.hex[-6:]}@ngo.example")
    await make_account(institution, "partner_editor")
    await make_offer(institution, rhythm="week")
    return institution


async def test_twenty_thousand_offers_are_counted_by_the_database(database: asyncpg.Connection) -> None:
    institutions = [await make_institution(f"I{number}", kind="ngo", terc="126301") for number in range(5)]
    await database.execute(
        """with made as (insert into offer (id, institution, form, title, rhythm, made_at, updated_at)
            select gen_random_uuid(), ($1::uuid[])[1 + n % 5], 'por_prawne', 'O', 'month', now(), now()
            from generate_series(1, 20000) n returning id),
        told as (insert into capacity_reading (id, offer, as_of, recorded_at, source, free)
            select gen_random_uuid(), id, $2::timestamptz - (random() * 200) * interval '1 day', $2, 'declared', 1
            from made returning id, offer)
        insert into offer_places (offer, reading, free) select offer, id, 1 from told""",
        institutions,
        WEDNESDAY,
    )
    # Rows of a transaction that is rolled back have no statistics: the planner takes the tables for empty, and a nested
    # loop over twenty thousand of them twice would take minutes.
    await database.execute("set local enable_nestloop = off")
    with clock.at(WEDNESDAY):
        for by in ("kind", "gmina", "institution", "editor", "rhythm"):
            groups = await board(by, "pl")
            assert sum(group.total for group in groups) == 20000
            assert len(groups) <= 5  # groups come from the database, never offers to be counted here
    assert set(LABELS) == {"fresh", "ask_first", "not_suggested", "closed", "unknown"}
