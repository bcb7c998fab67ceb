"""A need that nobody met is noted in two presses wherever it shows, and never with a person."""

import re
from uuid import UUID

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.caseload.unmet import unmet_needs
from referral_hub.database.columns import new_id
from referral_hub.referrals.actions import perform
from tests.build import actor_for, make_institution, make_offer, sign_in_as
from tests.referral_pages.rows import value
from tests.referral_pages.scenes import (
    a_referral,
    a_scene,
    form_with,
    hidden_fields,
    text_of,
    the_receiver,
    version_of,
)
from tests.referrals.scene import rows

pytestmark = pytest.mark.anyio
ALL = "select need, gmina, why from unmet_need order by at"


async def noted() -> list[tuple[str, str, str]]:
    return [tuple(row) for row in await rows(ALL)]  # type: ignore[misc]


async def test_a_search_without_an_answer_is_two_presses_away_from_the_note(web: httpx.AsyncClient) -> None:
    await a_scene(web)
    nothing = (await web.get("/?need=praca&free=1")).text
    presses = 0
    way = re.findall(r'href="(/unmet/new\?need=praca[^"]*)"', nothing)[0].replace("&amp;", "&")
    form = (await web.get(way)).text
    presses += 1
    assert 'value="praca" selected' in form
    body = {**hidden_fields(form_with(form, "/unmet/new", "place")), "need": "praca", "place": "Tarnów", "why": ""}
    done = await web.post("/unmet/new", data=body)
    presses += 1
    assert presses == 2
    assert done.headers["location"] == "/unmet?noted=1"
    assert await noted() == [("praca", "126301", "no_offer")]
    await web.post("/unmet/new", data=body)
    assert len(await noted()) == 1
    assert "praca, zarobek Tarnów" in text_of((await web.get("/unmet")).text)
    # Nobody who only visits is asked to.
    web.cookies.clear()
    assert "/unmet" not in (await web.get("/?need=praca&free=1")).text


async def test_the_composer_notes_it_in_two_presses(web: httpx.AsyncClient) -> None:
    await a_scene(web)
    start = hidden_fields(form_with((await web.get("/referrals/new")).text, "/referrals/new", "key"))
    shown = await web.post("/referrals/new", data={**start, "need": "praca", "place": "Tarnów", "act": "match"})
    assert "Zapisz niezaspokojoną potrzebę" in text_of(shown.text)
    again = {**hidden_fields(form_with(shown.text, "/referrals/new", "key")), "need": "praca", "place": "Tarnów"}
    assert (await web.post("/referrals/new", data={**again, "act": "unmet"})).status_code == 303
    assert await noted() == [("praca", "126301", "no_offer")]


async def test_when_all_decline_one_press_notes_it_once(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web, free=9)
    receiver = await the_receiver(scene)
    task = await a_referral(scene)
    page = f"/referrals/{task}"
    assert "/unmet" not in re.sub(r'href="/unmet"', "", (await web.get(page)).text)
    await perform(task, actor=receiver, verb="decline", version=2, fields={"reason": "out_of_area"})
    assert form_with((await web.get(page)).text, f"{page}/unmet")
    assert (await web.post(f"{page}/unmet")).headers["location"] == f"{page}?done=unmet"
    assert await noted() == [("uzaleznienie", "126301", "declined")]
    again = await web.post(f"{page}/unmet")
    assert again.headers["location"] == f"{page}?done=unmet_noted"
    assert "jest zapisana" in text_of((await web.get(page)).text)
    assert len(await noted()) == 1


async def test_while_somebody_may_still_help_nothing_is_noted(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web, free=9)
    task = await a_referral(scene)
    await perform(task, actor=await the_receiver(scene), verb="decline", version=2, fields={"reason": "out_of_area"})
    other = await make_offer(await make_institution("Inna"), "terapia_uzaleznien")
    version = await version_of(task)
    await perform(task, actor=scene.worker, verb="reroute", version=version, fields={"offer": str(other)})
    answer = await web.post(f"/referrals/{task}/unmet")
    assert answer.headers["location"].endswith("done=somebody_may_still_help")
    await sign_in_as(web, scene.clinic, "caseworker")
    assert (await web.post(f"/referrals/{task}/unmet")).status_code == 404
    assert await noted() == []


async def test_no_places_and_silence_are_noted_by_themselves(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    await perform(task, actor=await the_receiver(scene), verb="decline", version=2, fields={"reason": "no_capacity"})
    assert await noted() == [("uzaleznienie", "126301", "no_places")]
    assert f"/referrals/{task}/unmet" not in (await web.get(f"/referrals/{task}")).text


async def _lacks(institution: UUID, need: str, number: int) -> None:
    for _ in range(number):
        await rows(
            "insert into unmet_need (id, at, institution, need, gmina, why) values ($1, $2, $3, $4, '', 'no_offer')"
            " returning id",
            new_id(),
            clock.now(),
            institution,
            need,
        )


async def test_small_numbers_are_for_the_club_only(database: asyncpg.Connection) -> None:
    club, other = await make_institution("Klub", club=True), await make_institution("Inna")
    await _lacks(other, "praca", 5)
    await _lacks(other, "prawo", 4)
    await _lacks(club, "zywnosc", 1)
    inside = await unmet_needs(await actor_for(club, "coordinator"))
    assert {row.need: row.number for row in inside.rows} == {"praca": 5, "prawo": 4, "zywnosc": 1}
    outside = await unmet_needs(await actor_for(other, "coordinator"))
    assert {row.need: row.number for row in outside.rows} == {"praca": 5, "prawo": None, "zywnosc": None}
    assert outside.hidden
    own = await unmet_needs(await actor_for(other, "caseworker"))
    assert {row.need: row.number for row in own.rows} == {"praca": 5, "prawo": 4}


async def test_taking_away_ones_own_leaves_no_small_number(database: asyncpg.Connection) -> None:
    reader, other = await make_institution("Czyta"), await make_institution("Inna")
    for need, own, others in (("praca", 6, 2), ("prawo", 6, 0), ("zywnosc", 2, 5), ("nocleg", 0, 4)):
        await _lacks(reader, need, own)
        await _lacks(other, need, others)
    told = await unmet_needs(await actor_for(reader, "coordinator", "caseworker"))
    assert {row.need: row.number for row in told.rows} == {"praca": None, "prawo": 6, "zywnosc": 7, "nocleg": None}
    assert {row.need: row.number for row in (await unmet_needs(await actor_for(other, "coordinator"))).rows} == {
        "praca": 8, "prawo": 6, "zywnosc": None, "nocleg": None,
    }  # fmt: skip


async def test_nonsense_is_told_beside_its_field_and_others_do_not_get_in(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    wrong = await web.post("/unmet/new", data={"need": "x", "place": "Nigdziebądź", "why": "y", "key": "a"})
    assert wrong.status_code == 422
    assert "Nigdziebądź" in wrong.text
    assert await noted() == []
    await sign_in_as(web, scene.clinic, "partner_intake")
    for path in ("/unmet", "/unmet/new"):
        assert (await web.get(path)).status_code == 403
    assert await value("select count(*) from unmet_need") == 0
