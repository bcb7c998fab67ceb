"""The table of states: who may do what from where, and what a day makes of a row."""

from datetime import date, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.directory import read_model_refresh
from referral_hub.directory.actions import edit_offer
from referral_hub.directory.read_model import turn_day
from referral_hub.directory.read_model_refresh import directory, read_model
from referral_hub.directory.state_actions import move_offer, turn_states
from referral_hub.directory.states import FARTHEST, TABLE, State, Verb, columns, day_problems, move_for, state_of, verbs
from referral_hub.errors import NotFound, Refused
from tests.build import actor_for, make_institution, make_offer, make_site, sign_in_as

TODAY = date(2026, 11, 23)
WHOLE: dict[str, Any] = {
    "needs": ["zadluzenie"],
    "audiences": ["bezrobotne"],
    "first_step": "Zadzwoń.",
    "area": ["126301"],
}


def row(status: str, shown: date | None = None, until: date | None = None) -> dict[str, Any]:
    return {"status": status, "visible_from": shown, "closed_until": until}


@pytest.mark.parametrize(
    ("given", "state"),
    [
        (row("draft"), "draft"),
        (row("published"), "published"),
        (row("published", TODAY), "published"),
        (row("published", TODAY + timedelta(days=1)), "scheduled"),
        (row("closed"), "closed"),
        (row("closed", None, TODAY + timedelta(days=1)), "closed"),
        (row("closed", None, TODAY), "published"),
        (row("archived", TODAY + timedelta(days=9)), "archived"),
    ],
)
def test_what_a_day_makes_of_a_row(given: dict[str, Any], state: str) -> None:
    assert state_of(given, TODAY) == state


def test_every_move_writes_the_state_it_promises() -> None:
    day = TODAY + timedelta(days=3)
    for move in TABLE:
        written = columns(move, day=day, why="urlop")
        assert state_of({**row("draft"), **written}, TODAY) is move.after, move
        assert written["closed_why"] == ("urlop" if move.after is State.CLOSED else "")


def test_one_row_for_a_verb_in_a_state_and_a_way_out_of_each() -> None:
    for state in State:
        for who in ("editor", "clock"):
            found = [move.verb for move in TABLE if state in move.before and who in move.who]
            assert len(found) == len(set(found))
        assert verbs(state)
    assert verbs(State.PUBLISHED, "clock") == []
    assert verbs(State.ARCHIVED) == [Verb.RESTORE]
    assert move_for("publish", State.ARCHIVED) is None
    assert move_for("nonsense", State.DRAFT) is None


def test_only_what_shows_new_words_waits_and_asks_for_everything() -> None:
    for move in TABLE:
        shows_anew = State.DRAFT in move.before and move.after in (State.PUBLISHED, State.SCHEDULED)
        assert move.gate is move.waits is shows_anew


@pytest.mark.parametrize(
    ("verb", "state", "day", "code"),
    [
        ("schedule", State.DRAFT, None, "required"),
        ("schedule", State.DRAFT, TODAY, "date_too_early"),
        ("schedule", State.DRAFT, TODAY - timedelta(days=400), "date_too_early"),
        ("close", State.PUBLISHED, TODAY, "date_too_early"),
        ("close", State.PUBLISHED, TODAY + FARTHEST + timedelta(days=1), "date_too_late"),
        ("close", State.PUBLISHED, None, ""),
        ("close", State.PUBLISHED, TODAY + FARTHEST, ""),
        ("archive", State.PUBLISHED, TODAY - timedelta(days=1), ""),
    ],
)
def test_days_that_cannot_be(verb: str, state: State, day: date | None, code: str) -> None:
    move = move_for(verb, state)
    assert move is not None
    assert [problem.code for problem in day_problems(move, day, TODAY)] == ([code] if code else [])


pytestmark = pytest.mark.anyio


async def test_nothing_incomplete_is_published(database: asyncpg.Connection) -> None:
    institution = await make_institution()
    await make_site(institution)
    partner = await actor_for(institution, "partner_editor")
    offer = await make_offer(institution, status="draft")
    with pytest.raises(Refused) as refusal:
        await move_offer(offer, "publish", actor=partner)
    assert {problem.field for problem in refusal.value.problems} == {"needs", "audiences", "first_step", "sites"}
    await edit_offer(offer, WHOLE, actor=partner)
    assert (await move_offer(offer, "publish", actor=partner)).state is State.PUBLISHED
    with pytest.raises(Refused) as refusal:
        await move_offer(offer, "publish", actor=partner)
    assert refusal.value.code == "move_not_possible"
    with pytest.raises(NotFound):
        await move_offer(offer, "close", actor=await actor_for(await make_institution(), "partner_editor"))


async def test_scheduled_is_shown_exactly_on_its_day(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution = await make_institution()
    partner = await actor_for(institution, "partner_editor")
    offer = await make_offer(institution, title="Kurs wikliny", status="draft", **WHOLE)
    now = clock.now()
    with clock.at(now.replace(hour=11)):
        day = clock.today() + timedelta(days=3)
        await move_offer(offer, "schedule", actor=partner, day=day)
        assert str(offer) not in (await read_model()).cards
    midnight = clock.now().astimezone(clock.WARSAW).replace(hour=0, minute=0, second=0, microsecond=0)
    midnight = midnight.replace(year=day.year, month=day.month, day=day.day)
    with clock.at(midnight - timedelta(seconds=1)):
        assert str(offer) not in (await directory()).cards
        assert await turn_states() == 0
    with clock.at(midnight + timedelta(seconds=1)):
        assert str(offer) in (await directory()).cards
        assert (await web.get("/api/v1/offers?q=wiklina")).json()["total"] == 1
        assert await turn_states() == 1
        assert await turn_states() == 0
    assert await database.fetchval("select visible_from from offer where id = $1", offer) is None
    source = await database.fetchval(
        "select source from field_source where subject = $1 and field = 'visible_from' order by id desc limit 1", offer
    )
    assert source == "hub"


async def test_a_workers_copy_turns_with_the_day_though_nothing_was_written(database: asyncpg.Connection) -> None:
    institution = await make_institution()
    day = clock.today() + timedelta(days=2)
    shown = await make_offer(institution, title="Kurs wikliny", visible_from=day)
    closed = await make_offer(institution, title="Kurs ceramiki", status="closed", closed_until=day)
    keeper = read_model_refresh.Keeper()
    keeper.model, keeper.words = await read_model(), read_model_refresh._words()
    assert set(keeper.model.cards) == {str(closed)}
    with clock.at(clock.now() + timedelta(days=2)):
        await read_model_refresh._catch_up(keeper, set())
        turn_day(keeper.model, clock.today())
        assert set(keeper.model.cards) == {str(shown), str(closed)}
        assert keeper.model.cards[str(closed)].status == "published"


async def test_closed_is_found_with_its_day_and_opens_again_by_itself(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await make_institution()
    offer = await make_offer(institution, title="Kurs wikliny", free=4)
    await sign_in_as(web, institution, "partner_editor")
    until = clock.today() + timedelta(days=9)
    data = {"verb": "close", "closed_until": until.isoformat(), "closed_why": "Urlop instruktora"}
    assert (await web.post(f"/my-offers/{offer}/status", data=data)).status_code == 303
    [item] = (await web.get("/api/v1/offers?q=wiklina")).json()["items"]
    assert item["closed"] == {"until": until.isoformat(), "why": "Urlop instruktora"}
    assert (item["capacity"]["free"], item["capacity"]["freshness"]) == (0, "closed")
    assert (await web.get("/api/v1/offers?q=wiklina&free=1")).json()["total"] == 0
    page = (await web.get(f"/offers/{offer}")).text
    assert "Urlop instruktora" in page
    assert "Ponownie otwarta od" in page
    assert "Urlop instruktora" in (await web.get("/my-offers")).text
    with clock.at(clock.now() + timedelta(days=9)):
        [item] = (await web.get("/api/v1/offers?q=wiklina")).json()["items"]
        assert "closed" not in item
        assert await turn_states() == 1
    told = await database.fetchrow("select status, closed_until, closed_why from offer where id = $1", offer)
    assert tuple(told) == ("published", None, "")
    events = await database.fetch("select event, role from audit_event where subject = $1 order by at, id", offer)
    assert [(one["event"], one["role"]) for one in events][-1] == ("offer:edit", "system")


@pytest.mark.parametrize("day", ["2001-01-01", "9999-12-31", "0000-00-00", "jutro", "\x00", "1" * 5000])
async def test_days_that_cannot_be_are_said_beside_the_field(
    web: httpx.AsyncClient, database: asyncpg.Connection, day: str
) -> None:
    institution = await make_institution()
    offer = await make_offer(institution)
    await sign_in_as(web, institution, "partner_editor")
    answer = await web.post(f"/my-offers/{offer}/status", data={"verb": "close", "closed_until": day})
    assert answer.status_code == 422
    assert 'href="#closed_until"' in answer.text
    assert await database.fetchval("select status from offer where id = $1", offer) == "published"


async def test_a_program_moves_its_own_offers_only(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution = await make_institution()
    offer, other = await make_offer(institution), await make_offer(await make_institution())
    await sign_in_as(web, institution, "partner_editor")
    day = (clock.today() + timedelta(days=5)).isoformat()
    url = "/api/v1/offers/{}/state"
    told = await web.post(url.format(offer), json={"verb": "close", "day": day, "word": "Urlop"})
    assert (told.status_code, told.json()) == (200, {"state": "closed", "waits": False})
    for body in ({"verb": "publish"}, {"verb": "close", "day": "2001-01-01"}, {"verb": "x" * 5000}, {"day": day}):
        assert (await web.post(url.format(offer), json=body)).status_code == 422
    assert (await web.post(url.format(other), json={"verb": "close"})).status_code == 404


async def test_the_hub_may_close_what_it_imported(database: asyncpg.Connection) -> None:
    offer = await make_offer(await make_institution())
    assert (await move_offer(offer, "close", actor=SYSTEM_ACTOR)).state is State.CLOSED
