"""A path is planned, walked and printed; nobody else's caseworker sees it, and an old version changes nothing."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts.links import make_link
from referral_hub.caseload.undo import undo_sending
from referral_hub.database.transaction import SYSTEM
from referral_hub.errors import NotFound, Refused, Stale
from referral_hub.participants.actions import register
from referral_hub.paths.actions import Head, Planned, add_step, link_step, move_step, start_path
from referral_hub.paths.plan import MOST_STEPS, next_step, shown_state, swapped
from referral_hub.paths.queries import open_path, path_seen_by, paths_of
from referral_hub.referrals.actions import draft, perform
from referral_hub.vocabularies import book
from tests.build import actor_for, make_agreement, make_institution, sign_in_as
from tests.referral_pages.rows import value
from tests.referral_pages.scenes import CONSENT, NAME, Scene, a_referral, a_scene, the_receiver

pytestmark = pytest.mark.anyio
GOAL = "Chcę znowu pracować jako stolarz"


async def a_path(scene: Scene, example: str = "uzaleznienie") -> UUID:
    return await start_path(scene.person, actor=scene.worker, head=Head(goal=GOAL), example=example)


@pytest.mark.parametrize(
    ("kept", "task", "shown"),
    [
        ("planned", None, "planned"),
        ("planned", "draft", "planned"),
        ("planned", "sent", "under_way"),
        ("planned", "in_progress", "under_way"),
        ("planned", "delivered", "done"),
        ("planned", "declined", "again"),
        ("under_way", "expired", "again"),
        ("planned", "void", "planned"),
        ("done", "declined", "done"),
        ("dropped", "accepted", "dropped"),
    ],
)
def test_a_step_shows_what_became_of_its_referral(kept: str, task: str | None, shown: str) -> None:
    assert shown_state(kept, task) == shown


def test_the_next_step_is_the_first_that_is_not_over_and_the_ends_stay_in_place() -> None:
    assert next_step(["done", "dropped", "again", "planned"]) == 2
    assert next_step(["done"]) is None
    one, two = uuid4(), uuid4()
    assert swapped([one, two], one, "up") == [one, two]
    assert swapped([one, two], one, "down") == [two, one]


def test_every_example_leads_over_known_forms_from_a_known_need() -> None:
    examples = book.words("path_example")
    assert len(examples) >= 5
    for word in examples:
        assert book.word("need", word.extra["need"]) is not None
        assert len(word.listed("steps")) >= 3
        assert [form for form in word.listed("steps") if book.word("form", form) is None] == []


async def test_a_path_is_begun_walked_and_closed_on_pages(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    person = await web.get(f"/people/{scene.person}")
    assert f'href="/people/{scene.person}/paths"' in person.text
    listed = await web.get(f"/people/{scene.person}/paths")
    key = re.findall(r'name="key" value="([^"]+)"', listed.text)[0]
    typed = {"goal": GOAL, "example": "uzaleznienie", "contract_kind": "kontrakt_socjalny", "key": key}
    begun = await web.post(f"/people/{scene.person}/paths", data={**typed, "contract_number": "KS/7/2026"})
    assert begun.status_code == 303
    again = await web.post(f"/people/{scene.person}/paths", data={**typed, "contract_number": "KS/7/2026"})
    assert again.headers["location"] == begun.headers["location"]
    here = begun.headers["location"].split("?")[0]
    shown = (await web.get(here)).text
    assert GOAL not in shown  # the person's words open by a press that is logged
    assert "KS/7/2026" in shown
    assert "terapia uzależnień" in shown
    assert f'href="/referrals/new?person={scene.person}&amp;need=uzaleznienie&amp;step=' in shown
    opened = await web.post(f"{here}/open", data={"csrf": scene.worker.csrf})
    assert GOAL in opened.text
    assert await value("select count(*) from disclosure where kind = 'opened' and fields = '{plan}'") == 1
    steps = re.findall(rf'action="{here}/steps/([0-9a-f-]+)/state"', shown)
    first = steps[0]
    for version, (act, data) in enumerate(
        [("move", {"way": "down"}), ("move", {"way": "up"}), ("state", {"state": "done"})], start=1
    ):
        moved = await web.post(f"{here}/steps/{first}/{act}", data={**data, "version": version})
        assert moved.status_code == 303, moved.text
    stale = await web.post(f"{here}/steps/{first}/state", data={"state": "dropped", "version": 2})
    assert stale.status_code == 409
    closed = await web.post(f"{here}/close", data={"result": "partly", "version": 4})
    assert closed.status_code == 303
    late = await web.post(f"{here}/steps", data={"form": "szkolenie", "version": 5})
    assert late.status_code == 422
    assert await value("select count(*) from audit_event where event = 'path:edit'") == 3


async def test_a_referral_carries_a_step_out_and_the_person_reads_the_way(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    path = await a_path(scene)
    task = await a_referral(scene)
    page = (await web.get(f"/referrals/{task}")).text
    assert "To zgłoszenie pasuje do kroku ścieżki" in page
    seen = await path_seen_by(scene.worker, path)
    step = seen.steps[0]
    linked = await web.post(
        f"/paths/{path}/steps/{step.id}/referral", data={"task": str(task), "version": seen.version}
    )
    assert linked.status_code == 303
    shown = await path_seen_by(scene.worker, path)
    assert [one.shows for one in shown.steps] == ["under_way", "planned", "planned", "planned", "planned"]
    receiver = await the_receiver(scene)
    await perform(task, actor=receiver, verb="decline", version=2, fields={"reason": "no_capacity"})
    assert (await path_seen_by(scene.worker, path)).steps[0].shows == "again"
    again = await a_referral(scene)
    secret, link = await make_link("p", by=SYSTEM, subject=scene.person, with_code=True)
    await link_step(path, step.id, actor=scene.worker, version=shown.version, task=again)
    web.cookies.clear()
    await web.get(f"/p/{secret}")
    assert "Mój plan" not in (await web.get("/p")).text, "a plan says what the help is about"
    answer = await web.post("/p/code", data={"code": link.code})
    assert answer.status_code == 303
    own = (await web.get("/p")).text
    assert "Mój plan" in own
    assert GOAL not in own


async def test_a_referral_begun_at_a_step_carries_it_out_without_a_further_press(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    path = await a_path(scene)
    first, second, *_ = (await path_seen_by(scene.worker, path)).steps
    there = re.search(r'href="(/referrals/new[^"]*)"', (await web.get(f"/paths/{path}")).text)
    assert there is not None
    composer = (await web.get(there[1].replace("&amp;", "&"))).text
    assert f'name="step" value="{first.id}"' in composer
    asked = {"person": str(scene.person), "need": "uzaleznienie", "offer": str(scene.offer), "priority": "ordinary"}
    asked |= {"act": "check", "basis.kind": "consent", "basis.given_how": "signed", "basis.fields": "label"}
    carried = (await web.post("/referrals/new", data=asked | {"act": "who", "step": str(first.id)})).text
    assert f'name="step" value="{first.id}"' in carried
    for key, step in (("one", first.id), ("two", second.id), ("three", uuid4()), ("four", "nonsense")):
        made = await web.post("/referrals/new", data=asked | {"key": key, "step": str(step)})
        assert made.status_code == 303, made.text
    kept = await path_seen_by(scene.worker, path)
    assert [step.task is not None for step in kept.steps] == [True, True, False, False, False]
    stranger = await register(actor=scene.worker, label="Kto inny", sex="K")
    other = await start_path(stranger.id, actor=scene.worker, head=Head(), example="uzaleznienie")
    theirs = (await path_seen_by(scene.worker, other)).steps[0]
    await web.post("/referrals/new", data=asked | {"key": "five", "step": str(theirs.id)})
    assert (await path_seen_by(scene.worker, other)).steps[0].task is None, "another person's path"
    task = (await path_seen_by(scene.worker, path)).steps[0].task
    assert task is not None
    assert f'href="/referrals/{task.id}/check"' in (await web.get(f"/paths/{path}")).text, "the draft is gone on with"
    await perform(task.id, actor=scene.worker, verb="send", version=1)
    await web.post("/referrals/new", data=asked | {"key": "six", "step": str(first.id)})
    again = (await path_seen_by(scene.worker, path)).steps[0].task
    assert again is not None
    assert again.id == task.id, "a referral under way is not pushed aside"


async def test_the_printed_page_is_plain_speaks_the_persons_language_and_names_no_sensitive_place(
    web: httpx.AsyncClient,
) -> None:
    scene = await a_scene(web)
    path = await a_path(scene)
    task = await a_referral(scene)
    receiver = await the_receiver(scene)
    await perform(task, actor=receiver, verb="accept", version=2, fields={"date": clock.today().isoformat()})
    seen = await path_seen_by(scene.worker, path)
    await link_step(path, seen.steps[0].id, actor=scene.worker, version=seen.version, task=task)
    for language, word in (("pl", "Mój plan"), ("uk", "Мій план"), ("en", "My plan")):
        printed = (await web.post(f"/paths/{path}/print", data={"in": language})).text
        paper = printed.split('<article class="printed-card"')[1].split("</article>")[0]
        assert word in paper
        assert GOAL in paper
        assert "Poradnia Nadzieja" not in paper
        assert NAME not in printed
    assert await value("select count(*) from disclosure where fields = '{plan}'") == 3


async def test_nobody_elses_caseworker_coordinator_or_partner_sees_a_path(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    path = await a_path(scene)
    stranger = await actor_for(await make_institution("Inny klub", kind="kis", club=True), "caseworker")
    for question in (path_seen_by, open_path):
        with pytest.raises(NotFound):
            await question(stranger, path)
    with pytest.raises(NotFound):
        await paths_of(stranger, scene.person)
    with pytest.raises(NotFound):
        await add_step(path, actor=stranger, version=1, step=Planned(form="szkolenie"))
    elsewhere = await make_institution("Klub Drugi", kind="kis", club=True)
    await make_agreement(elsewhere)
    other = await sign_in_as(web, elsewhere, "caseworker")
    person = await register(actor=other, label="Ktoś Inny", sex="M", gmina="126301")
    foreign = await draft(actor=other, person=person.id, offer=scene.offer, need="uzaleznienie")
    seen = await path_seen_by(scene.worker, path)
    with pytest.raises(Refused, match="referral_is_not_theirs"):
        await link_step(path, seen.steps[0].id, actor=scene.worker, version=1, task=foreign)
    assert (await web.get(f"/paths/{path}")).status_code == 404
    assert (await web.post(f"/paths/{path}/print", data={})).status_code == 404
    await sign_in_as(web, scene.club, "coordinator")
    assert (await web.get(f"/paths/{path}")).status_code == 403
    await sign_in_as(web, scene.clinic, "partner_intake")
    assert (await web.get(f"/paths/{path}")).status_code == 403


async def test_bad_input_is_told_beside_its_field_and_too_much_is_refused(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    path = await a_path(scene, "")
    cases: list[tuple[dict[str, object], str]] = [
        ({"words": "a" * 5000}, "words"),
        ({"form": "nie_ma_takiej"}, "form"),
        ({"form": "szkolenie", "target_on": "9999-12-31"}, "target_on"),
        ({"words": "PESEL 44051401359"}, "words"),
        ({"words": "a\x00b"}, "words"),
        ({}, "form"),
        ({"form": "szkolenie", "version": "-4"}, ""),
    ]
    for typed, field in cases:
        answer = await web.post(f"/paths/{path}/steps", data={"version": "1", **typed})
        assert answer.status_code == 422, typed
        assert not field or f'id="{field}-problem"' in answer.text, typed
    missing = await web.post(f"/paths/{path}/steps/{uuid4()}/state", data={"state": "done", "version": "1"})
    assert missing.status_code == 404
    for version in range(1, MOST_STEPS + 1):
        await add_step(path, actor=scene.worker, version=version, step=Planned(form="szkolenie"))
    with pytest.raises(Refused, match="too_many_steps"):
        await add_step(path, actor=scene.worker, version=MOST_STEPS + 1, step=Planned(form="szkolenie"))
    with pytest.raises(Stale):
        await move_step(path, uuid4(), actor=scene.worker, version=3, way="up")
    full = await web.get(f"/paths/{path}")
    assert full.status_code == 200
    assert "Dodaj krok" not in full.text


async def test_a_review_sets_the_next_day_and_a_past_one_calls(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    head = Head(review_on=clock.today() - timedelta(days=1))
    path = await start_path(scene.person, actor=scene.worker, head=head)
    assert "Czas na wspólny przegląd" in (await web.get(f"/paths/{path}")).text
    soon = (clock.today() + timedelta(days=90)).isoformat()
    answer = await web.post(f"/paths/{path}/review", data={"next_on": soon, "version": "1"})
    assert answer.status_code == 303
    assert "Czas na wspólny przegląd" not in (await web.get(f"/paths/{path}")).text
    wrong = await web.post(f"/paths/{path}/review", data={"next_on": "2020-01-01", "version": "2"})
    assert wrong.status_code == 422


async def test_a_step_goes_on_with_the_draft_that_replaces_its_referral(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    path = await a_path(scene)
    step = (await path_seen_by(scene.worker, path)).steps[0]
    task = await draft(actor=scene.worker, person=scene.person, offer=scene.offer, need="uzaleznienie", basis=CONSENT)
    await link_step(path, step.id, actor=scene.worker, version=1, task=task)
    await perform(task, actor=scene.worker, verb="send", version=1, hold_back=30)
    again = await undo_sending(task, actor=scene.worker, version=2)
    await perform(again, actor=scene.worker, verb="send", version=1)
    receiver = await the_receiver(scene)
    await perform(again, actor=receiver, verb="decline", version=2, fields={"reason": "no_capacity"})
    fits = await a_referral(scene)
    assert "To zgłoszenie pasuje do kroku ścieżki" in (await web.get(f"/referrals/{fits}")).text, "a step tried in vain"
    coordinator = await actor_for(scene.club, "coordinator")
    other = await perform(again, actor=coordinator, verb="reroute", version=3, fields={"offer": str(scene.offer)})
    carried = (await path_seen_by(scene.worker, path)).steps[0]
    assert carried.task is not None
    assert (carried.task.id, carried.shows) == (other, "planned")
    assert await value("select count(*) from audit_event where facts ->> 'what' = 'step_follows'") == 2
    assert "To zgłoszenie pasuje do kroku ścieżki" not in (await web.get(f"/referrals/{fits}")).text
