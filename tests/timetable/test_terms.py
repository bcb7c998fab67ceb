"""Terms close by themselves, hold as many as they have places, and give a place back when a referral ends."""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import icalendar
import pytest

from referral_hub import clock
from referral_hub.attendance.term_enrolment import leave_term, put_into_term, terms_chosen
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.errors import HubError, NotAllowed, NotFound, Refused, Stale
from referral_hub.timetable.terms import Placed, TermFacts, state_of, term_problems
from referral_hub.timetable.terms_actions import add_term, edit_term, set_term_status
from tests.build import actor_for, make_institution, make_offer, sign_in_as
from tests.referrals.scene import Scene, make_scene
from tests.referrals.test_racers import scratch

pytestmark = pytest.mark.anyio
TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "open"),
        ({"apply_by": TODAY}, "open"),
        ({"apply_by": TODAY - timedelta(days=1)}, "late"),
        ({"places": 3, "taken": 3}, "full"),
        ({"places": 0}, "full"),
        ({"starts_on": TODAY - timedelta(days=1)}, "over"),
        ({"starts_on": TODAY - timedelta(days=1), "apply_by": TODAY}, "open"),
        ({"ends_on": TODAY - timedelta(days=1)}, "over"),
        ({"status": "closed"}, "closed"),
        ({"status": "cancelled", "ends_on": TODAY - timedelta(days=1)}, "cancelled"),
    ],
)
def test_a_term_closes_by_itself(changes: dict[str, Any], state: str) -> None:
    stands = {"status": "open", "apply_by": None, "starts_on": None, "ends_on": None, "places": None, "taken": 0}
    assert state_of(Placed(**stands | changes), TODAY) == state


@pytest.mark.parametrize(
    ("facts", "field", "code"),
    [
        (TermFacts(), "starts_on", "term_needs_a_day"),
        (TermFacts(starts_on=TODAY, ends_on=TODAY - timedelta(days=1)), "ends_on", "days_crossed"),
        (TermFacts(apply_by=TODAY, ends_on=TODAY - timedelta(days=1)), "apply_by", "apply_after_the_end"),
        (TermFacts(starts_on=date(1999, 1, 1)), "starts_on", "date_too_early"),
        (TermFacts(starts_on=date(9999, 1, 1)), "starts_on", "date_too_late"),
        (TermFacts(starts_on=TODAY, places=0), "places", "out_of_range"),
        (TermFacts(starts_on=TODAY, places=10**9), "places", "out_of_range"),
        (TermFacts(starts_on=TODAY, places=1), "places", "fewer_than_taken"),
        (TermFacts(starts_on=TODAY, hours=-1), "hours", "out_of_range"),
        (TermFacts(starts_on=TODAY, note="a\x00"), "note", "bad_characters"),
        (TermFacts(starts_on=TODAY, title="x" * 161), "title", "too_long"),
    ],
)
def test_what_cannot_be_a_term(facts: TermFacts, field: str, code: str) -> None:
    assert [(one.field, one.code) for one in term_problems(facts, TODAY, taken=2)] == [(field, code)]


async def test_planned_changed_closed_and_shown_through_pages(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await make_institution()
    offer = await make_offer(institution, "szkolenie", "Kurs wózka")
    await sign_in_as(web, institution, "partner_editor")
    first = clock.today() + timedelta(days=20)
    typed = {
        "title": "Edycja zimowa", "apply_by": str(first - timedelta(days=10)), "starts_on": str(first),
        "ends_on": str(first + timedelta(days=4)), "places": "4", "hours": "40", "stipend": "120 zł", "key": "k",
    }  # fmt: skip
    assert (await web.post(f"/my-offers/{offer}/terms", data=typed)).status_code == 303
    assert (await web.post(f"/my-offers/{offer}/terms", data=typed)).status_code == 303
    row = await database.fetchrow("select * from offer_term where offer = $1", offer)
    page = await web.get(f"/my-offers/{offer}/terms?lang=pl&saved={row['id']}")
    assert page.text.count("<h2>Edycja zimowa</h2>") == 1
    wrong = await web.post(f"/my-offers/{offer}/terms", data={"starts_on": "wczoraj", "places": "-3", "note": "\x00"})
    assert wrong.status_code == 422
    assert all(f'href="#{field}"' in wrong.text for field in ("starts_on", "places", "note"))
    address = f"/my-offers/{offer}/terms/{row['id']}"
    assert 'value="Edycja zimowa"' in (await web.get(address)).text
    changed = typed | {"places": "5", "version": "1"}
    assert (await web.post(address, data=changed)).status_code == 303
    assert (await web.post(address, data=changed | {"places": "6"})).status_code == 409

    public = (await web.get(f"/offers/{offer}?lang=pl")).text
    assert "zostało 5 miejsc" in public
    assert "razem 40 godzin" in public
    (event,) = icalendar.Calendar.from_ical((await web.get(f"/offers/{offer}/terms.ics")).text).walk("VEVENT")
    assert (event["dtstart"].dt, event["dtend"].dt) == (first, first + timedelta(days=5))
    with clock.at(clock.now() + timedelta(days=11)):
        assert "po terminie zapisów" in (await web.get(f"/offers/{offer}?lang=pl")).text
    for status, words in (("closed", "zapisy zamknięte"), ("open", "zostało 5 miejsc")):
        assert (await web.post(f"{address}/status", data={"status": status})).status_code == 303
        assert words in (await web.get(f"/offers/{offer}?lang=pl")).text
    await web.post(f"{address}/status", data={"status": "cancelled"})
    assert "Edycja zimowa" not in (await web.get(f"/offers/{offer}")).text
    assert (await web.get(f"/offers/{offer}/terms.ics")).status_code == 404


async def test_strangers_and_offers_without_terms(web: httpx.AsyncClient) -> None:
    institution = await make_institution()
    offer, plain = await make_offer(institution, "staz"), await make_offer(institution, "por_prawne")
    term = await add_term(
        offer, TermFacts(starts_on=clock.today()), actor=await actor_for(institution, "partner_editor")
    )
    assert (await web.get(f"/offers/{plain}/terms.ics")).status_code == 404
    await sign_in_as(web, institution, "partner_editor")
    assert (await web.get(f"/my-offers/{plain}/terms")).status_code == 404
    assert (await web.post(f"/my-offers/{offer}/terms/{term}/status", data={"status": "burnt"})).status_code == 422
    for path in (f"/my-offers/{offer}/terms/{new_id()}", f"/my-offers/{plain}/terms/{term}"):
        assert (await web.get(path)).status_code == 404
        assert (await web.post(f"{path}/status", data={"status": "closed"})).status_code == 404
    await sign_in_as(web, await make_institution("Obca"), "partner_editor")
    for path in (f"/my-offers/{offer}/terms", f"/my-offers/{offer}/terms/{term}"):
        assert (await web.get(path)).status_code == 404
        assert (await web.post(path, data={"starts_on": str(clock.today())})).status_code == 404


async def test_never_fewer_places_than_are_taken(database: asyncpg.Connection) -> None:
    institution = await make_institution()
    offer = await make_offer(institution, "staz")
    editor = await actor_for(institution, "partner_editor")
    facts = TermFacts(starts_on=clock.today(), places=3)
    term = await add_term(offer, facts, actor=editor)
    await database.execute("update offer_term set taken = 2 where id = $1", term)
    with pytest.raises(Refused, match="invalid"):
        await edit_term(offer, term, TermFacts(starts_on=clock.today(), places=1), actor=editor)
    await edit_term(offer, term, TermFacts(starts_on=clock.today(), places=2), actor=editor, version=1)
    with pytest.raises(Stale):
        await edit_term(offer, term, facts, actor=editor, version=1)


@dataclass
class Course:
    """A scene whose offer is a course with terms."""

    scene: Scene
    term: UUID
    later: UUID

    async def taken(self, term: UUID | None = None) -> int:
        async with transaction(SYSTEM) as sql:
            return int(await sql.fetchval("select taken from offer_term where id = $1", term or self.term))


async def make_course(*, places: int | None = 2) -> Course:
    scene = await make_scene(free=30, form="szkolenie")
    editor = await actor_for(scene.partner, "partner_editor")
    terms = [
        await add_term(
            scene.offer,
            TermFacts(title=title, starts_on=clock.today() + timedelta(days=days), places=places),
            actor=editor,
        )
        for title, days in (("Pierwszy", 10), ("Drugi", 40))
    ]
    return Course(scene, *terms)


async def test_a_referral_gets_a_place_and_the_place_comes_back(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    course = await make_course()
    scene = course.scene
    task = await scene.accepted()
    await sign_in_as(web, scene.club, "caseworker")
    assert f"/referrals/{task}/term" in (await web.get(f"/referrals/{task}")).text
    page = await web.get(f"/referrals/{task}/term?lang=pl")
    assert "zostały 2 miejsca" in page.text
    for key in ("a", "a", "b"):
        put = await web.post(f"/referrals/{task}/term", data={"term": str(course.term), "key": key})
        assert put.status_code == 303
    assert await course.taken() == 1
    assert "Pierwszy" in (await web.get(f"/referrals/{task}")).text
    await put_into_term(task, course.later, actor=scene.intake)
    assert (await course.taken(), await course.taken(course.later)) == (0, 1), "one term at a time"
    assert [term.facts.title for term in await terms_chosen(task, actor=scene.intake)] == ["Drugi"]
    out = await web.post(f"/referrals/{task}/term/{course.later}/end")
    assert out.status_code == 303
    await leave_term(task, course.later, actor=scene.caseworker)
    assert await course.taken(course.later) == 0
    for term in ("", "x", str(new_id())):
        assert (await web.post(f"/referrals/{task}/term", data={"term": term})).status_code in (404, 422)
    events = await database.fetch("select event from audit_event where subject = $1 and event like 'enrolment%'", task)
    assert [row["event"] for row in events] == ["enrolment:add", "enrolment:add", "enrolment:end"]


@pytest.mark.parametrize(
    ("verb", "fields", "left"),
    [("withdraw", {"reason": "declined_by_person"}, 0), ("deliver", {"outcome": "zatrudnienie"}, 1)],
)
async def test_a_referral_that_ends_gives_its_place_back_unless_it_went_well(
    database: asyncpg.Connection, verb: str, fields: dict[str, str], left: int
) -> None:
    course = await make_course()
    scene = course.scene
    task = await (scene.accepted() if verb == "deliver" else scene.sent())
    await put_into_term(task, course.term, actor=scene.caseworker)
    by = scene.intake if verb == "deliver" else scene.caseworker
    if verb == "deliver":
        fields = fields | {"date": clock.today().isoformat()}
    await scene.move(task, verb, fields, by=by)
    assert await course.taken() == left


async def test_who_may_not_enrol(database: asyncpg.Connection) -> None:
    course = await make_course()
    scene = course.scene
    draft = await scene.draft()
    with pytest.raises(Refused, match="referral_takes_no_meeting"):
        await put_into_term(draft, course.term, actor=scene.caseworker)
    task = await scene.accepted()
    stranger = await actor_for(await make_institution("Obca"), "caseworker")
    with pytest.raises(NotFound):
        await put_into_term(task, course.term, actor=stranger)
    assert await terms_chosen(task, actor=stranger) == []
    coordinator = await actor_for(scene.club, "coordinator")
    with pytest.raises((NotAllowed, NotFound)):
        await put_into_term(task, course.term, actor=coordinator)
    other = await make_offer(scene.partner, "szkolenie")
    elsewhere = await add_term(
        other, TermFacts(starts_on=clock.today()), actor=await actor_for(scene.partner, "partner_editor")
    )
    with pytest.raises(NotFound):
        await put_into_term(task, elsewhere, actor=scene.caseworker)
    await set_term_status(scene.offer, course.term, "closed", actor=await actor_for(scene.partner, "partner_editor"))
    with pytest.raises(Refused, match="term_not_open"):
        await put_into_term(task, course.term, actor=scene.caseworker)


async def test_twelve_for_three_places_are_three(pool: None, worker_id: str) -> None:
    async with scratch(f"terms_{worker_id}"):
        course = await make_course(places=3)
        scene = course.scene
        tasks = [await scene.sent() for _ in range(12)]

        async def attempt(task: UUID) -> str:
            try:
                await put_into_term(task, course.term, actor=scene.caseworker)
            except HubError as error:
                return error.code
            return "done"

        codes = await asyncio.gather(*(attempt(task) for task in tasks))
        assert codes.count("done") == 3
        assert set(codes) == {"done", "term_not_open"}
        assert await course.taken() == 3
