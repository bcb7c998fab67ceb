"""Readings with everything one may say: kept as given in every unit; only what no reading can mean is refused."""

import asyncpg
import httpx
import msgspec
import pytest

from referral_hub import clock
from referral_hub.directory.actions import OfferFacts, Said, add_offer, report_reading, undo_reading
from referral_hub.directory.history import history_of
from referral_hub.directory.queries import capacity_of
from tests.build import actor_for, make_institution, make_offer, sign_in_as

pytestmark = pytest.mark.anyio
WHOLE = {
    "free": 4, "maximum": 3, "taken": 9, "waiting": 2, "waiting_days": 0, "from_when": "2026-12-01", "note": "po 16",
    "status": "waitlist", "by": {"K": 4, "M": 4}, "by_group": {"bezdomne": 9, "uchodzcy": 0},
}  # fmt: skip


async def test_everything_said_is_kept_as_given_although_it_contradicts_itself(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await make_institution()
    offer = await make_offer(institution)
    await sign_in_as(web, institution, "partner_editor")
    assert (await web.post(f"/api/v1/offers/{offer}/readings", json=WHOLE)).status_code == 201
    row = await database.fetchrow("select * from capacity_reading where offer = $1", offer)
    assert (row["free"], row["maximum"], row["taken"], row["free_women"], row["free_men"]) == (4, 3, 9, 4, 4)
    assert msgspec.json.decode(row["by_group"]) == {"bezdomne": 9, "uchodzcy": 0}
    assert (row["from_when"].isoformat(), row["note"], row["status"]) == ("2026-12-01", "po 16", "waitlist")
    told = (await web.get(f"/api/v1/offers/{offer}/readings")).json()
    assert set(told["items"][0]["contradictions"]) == {
        "women_men_total", "part_over_free", "free_over_maximum", "over_capacity", "queue_beside_vacancies",
        "queue_without_days", "free_before_first_day",
    }  # fmt: skip
    assert "po 16" not in str(told)
    page = (await web.get(f"/offers/{offer}/history")).text
    assert "po 16" not in page
    assert "Wolnych 4, a wszystkich miejsc 3." in page
    await sign_in_as(web, await make_institution("Klub"), "caseworker")
    assert "po 16" in (await web.get(f"/offers/{offer}/history")).text


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"free": -1, "taken": -3, "waiting_days": 10**6}, {"free", "taken", "waiting_days"}),
        ({"free": 1, "unit": "metr"}, {"unit"}),
        (
            {"free": 1, "by_group": {"nie_ma_takiej": 1, "bezdomne": -1}},
            {"by_group.nie_ma_takiej", "by_group.bezdomne"},
        ),
        ({"free": 1, "by_group": {"bezdomne": "dwa"}}, {"by_group[...]"}),
        ({"free": 1, "by_group": [1]}, {"by_group"}),
        ({"free": True}, {"free"}),
        ({"free": 1, "status": "soon", "note": "x" * 501}, {"status", "note"}),
        ({"free": 1, "note": "a\0b"}, {"note"}),
        ({"free": 1, "from_when": "2199-01-01"}, {"from_when"}),
        ({"free": 1, "from_when": "jutro"}, {"from_when"}),
        ({"free": 1, "as_of": "1999-01-01"}, {"as_of"}),
        ({"free": 1, "as_of": "2199-01-01T10:00:00+01:00"}, {"as_of"}),
    ],
)
async def test_what_no_reading_can_mean_is_refused_beside_its_field(
    web: httpx.AsyncClient, database: asyncpg.Connection, body: dict[str, object], fields: set[str]
) -> None:
    institution = await make_institution()
    offer = await make_offer(institution)
    await sign_in_as(web, institution, "partner_editor")
    answer = await web.post(f"/api/v1/offers/{offer}/readings", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    problems = answer.json()["problems"]
    assert {problem["field"] for problem in problems} == fields
    assert all(problem["text"] for problem in problems)
    assert await database.fetchval("select count(*) from capacity_reading") == 0


async def test_a_partner_does_not_tell_for_another_s_offer(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    offer = await make_offer(await make_institution())
    await sign_in_as(web, await make_institution("Inna"), "partner_editor")
    answer = await web.post(f"/api/v1/offers/{offer}/readings", json={"free": 1})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert await database.fetchval("select count(*) from capacity_reading") == 0


async def test_each_form_counts_its_own_unit_and_another_one_steers_nothing(database: asyncpg.Connection) -> None:
    partner = await actor_for(await make_institution(), "partner_editor")
    offer = await add_offer(partner.institution, OfferFacts(form="dyzur_eksperta", title="Dyżur"), actor=partner)
    await report_reading(offer, Said(free=6), actor=partner)
    hours = await report_reading(offer, Said(free=40, unit="hour"), actor=partner)
    assert (await capacity_of(offer)).free == 6
    history = await history_of(offer, 1)
    assert (history.unit, history.units, history.total) == ("appointment", ["appointment", "hour"], 1)
    assert (await history_of(offer, 1, unit="hour")).lines[0].free == 40
    # A slip in the other unit is taken back without touching the number in force.
    await undo_reading(hours, actor=partner)
    assert (await capacity_of(offer)).free == 6


async def test_the_last_maximum_stands_beside_a_reading_that_does_not_tell_it(database: asyncpg.Connection) -> None:
    partner = await actor_for(await make_institution(), "partner_editor")
    offer = await make_offer(partner.institution)
    await report_reading(offer, Said(free=5, maximum=8), actor=partner)
    larger = await report_reading(offer, Said(free=5, maximum=12), actor=partner)
    await undo_reading(larger, actor=partner)
    await report_reading(offer, Said(free=3), actor=partner)
    assert (await capacity_of(offer)).maximum == 8
    told = await database.fetch("select maximum from capacity_reading where offer = $1 and voids is null", offer)
    assert sorted(row["maximum"] or 0 for row in told) == [0, 8, 12]


async def test_a_history_is_paged_says_what_was_taken_back_and_keeps_to_its_pages(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    partner = await actor_for(await make_institution(), "partner_editor")
    offer = await make_offer(partner.institution)
    readings = [await report_reading(offer, Said(free=number % 5), actor=partner) for number in range(22)]
    await undo_reading(readings[-1], actor=partner)
    first = (await web.get(f"/offers/{offer}/history")).text
    assert "23 wpisy, od najnowszego" in first
    assert first.count('<tr role="row"') == 21
    assert "cofnięte" in first
    assert "cofa wpis" in first
    assert first.count('<path class="mark"') == 21 + 1  # every reading that stands, and one shape in the legend
    assert (await web.get(f"/offers/{offer}/history?page=2")).text.count('<tr role="row"') == 4
    for strange in ("?page=99999", "?page=-1", "?page=x", "?unit=%00", "?unit=" + "x" * 500):
        assert (await web.get(f"/offers/{offer}/history{strange}")).status_code == 200
    assert (await web.get("/offers/00000000-0000-0000-0000-000000000000/history")).status_code == 404
    assert clock.today().strftime("%d.%m.%Y") in first


async def test_the_form_takes_a_waiting_time_and_a_note_and_says_a_wrong_one_beside_it(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await make_institution()
    offer = await make_offer(institution, free=2)
    actor = await sign_in_as(web, institution, "partner_editor")
    typed = {"csrf": actor.csrf, "act": "set", "free": "1", "waiting_days": "21", "note": "Zapisy w piątki"}
    wrong = await web.post(f"/my-offers/{offer}/readings", data={**typed, "waiting_days": "-4"})
    assert wrong.status_code == 422
    assert f'id="waiting_days-{offer}-problem"' in wrong.text
    assert 'value="Zapisy w piątki"' in wrong.text
    assert (await web.post(f"/my-offers/{offer}/readings", data=typed)).status_code == 303
    row = await database.fetchrow(
        "select free, waiting_days, note from capacity_reading where offer = $1 order by recorded_at desc limit 1",
        offer,
    )
    assert tuple(row.values()) == (1, 21, "Zapisy w piątki")
