"""Every reason has its effect, really: for the sender, the entry, the coordinator; and other words for the person."""

from uuid import UUID

import asyncpg
import httpx
import pytest

from referral_hub.accounts.links import make_link
from referral_hub.composing.lessons import ADVICE, Lesson, lesson_part
from referral_hub.database.transaction import SYSTEM
from referral_hub.errors import NotFound, Refused, Stale
from referral_hub.referrals.entry_reviews import ENTRY_REVIEW
from referral_hub.referrals.queries import referral
from referral_hub.referrals.reasons import effect_of
from referral_hub.vocabularies.book import words
from referral_hub.web.wording import has, sentence_of
from tests.build import actor_for, make_institution, make_offer, sign_in_as
from tests.referrals.scene import Scene, in_days, make_scene, rows, state_of, value, version_of

pytestmark = pytest.mark.anyio
SILENT = {"entered_in_error", "other"}


async def lesson_of(scene: Scene, task: UUID) -> Lesson | None:
    part = await lesson_part(await referral(scene.caseworker, task, open_person=False), scene.caseworker, "pl")
    return None if part is None else part.facts["lesson"]


def test_every_effect_of_the_vocabulary_has_a_carrier_and_words_for_both() -> None:
    effects = {word.code: effect_of(word.code) for word in words("reason")}
    assert {code for code, effect in effects.items() if not effect} == SILENT
    assert {effect for effect in effects.values() if effect} == ADVICE
    assert ENTRY_REVIEW <= ADVICE
    for code, effect in effects.items():
        if code in SILENT:
            continue
        for language in ("pl", "en"):
            assert has(language, f"lesson.{effect}"), effect
        for language in ("pl", "en", "uk"):
            own = sentence_of(language, "own_reason", code)
            assert own != f"own_reason.{code}", (language, code)
            assert own != sentence_of(language, "lesson", effect)
    blame = ("nie przysz", "nie spełnia", "odmów", "nie zgłosił", "wina")
    for code in effects:
        assert not any(word in sentence_of("pl", "own_reason", code).lower() for word in blame), code


async def test_no_places_asks_for_the_waiting_list_and_a_full_reading(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    await scene.move(task, "decline", {"reason": "no_capacity"}, by=scene.intake)
    told = await lesson_of(scene, task)
    assert told is not None
    assert told.again == scene.offer
    assert await value("select count(*) from unmet_need where why = 'no_places'") == 1
    new = await scene.move(task, "reroute", {"offer": str(told.again)})
    assert await state_of(new) == "draft"
    seen = await referral(scene.intake, task, open_person=False)
    assert await lesson_part(seen, scene.intake, "pl") is None, "the advice is the sender's"


@pytest.mark.parametrize("reason", ["wrong_service", "out_of_area"])
async def test_a_doubted_entry_comes_before_the_coordinator_once_and_nothing_of_the_person(
    database: asyncpg.Connection, reason: str
) -> None:
    scene = await make_scene()
    for by in (scene.intake, None):
        task = await scene.sent()
        who = by or await scene.guest(task)
        await scene.move(task, "decline", {"reason": reason}, by=who)
    kept = await rows("select subject, field, note, origin, state, account from suggestion")
    assert [(row["subject"], row["field"], row["origin"], row["state"]) for row in kept] == [
        (scene.offer, "other", "partner", "open")
    ]
    assert scene.case_code not in kept[0]["note"]
    assert await value("select status from offer where id = $1", scene.offer) == "published"


async def test_a_decline_for_want_of_a_criterion_keeps_it_for_the_sender_alone(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    await scene.move(task, "decline", {"reason": "not_eligible", "criterion": "tylko osoby do 30 lat"}, by=scene.intake)
    line = (await scene.seen(task)).timeline[-1]
    assert line.words == {"criterion": "tylko osoby do 30 lat"}
    assert not await value("select count(*) from task_event where facts::text like '%30 lat%'")
    person = await scene.seen(task, by=await scene.participant())
    assert person.timeline[-1].words == {} or "30 lat" not in str(person.timeline[-1].words)


async def test_one_new_appointment_after_a_no_show_and_only_one(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=5)
    task = await scene.accepted()
    await scene.move(task, "fail", {"reason": "no_show"}, by=scene.intake)
    told = await lesson_of(scene, task)
    assert told is not None
    assert told.again == scene.offer
    second = await scene.move(task, "reroute", {"offer": str(scene.offer)})
    await scene.move(second, "send")
    await scene.move(second, "accept", by=scene.intake)
    await scene.move(second, "fail", {"reason": "no_show"}, by=scene.intake)
    again = await lesson_of(scene, second)
    assert again is not None
    assert again.again is None


async def test_a_need_met_elsewhere_asks_about_the_others_and_one_press_closes_each(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    scene = await make_scene(free=9)
    first, second, third = await scene.sent(), await scene.sent(), await scene.accepted()
    await scene.move(first, "decline", {"reason": "need_met_elsewhere"}, by=scene.intake)
    told = await lesson_of(scene, first)
    assert told is not None
    assert {(other.id, other.verb) for other in told.others} == {(second, "withdraw"), (third, "request_cancel")}
    await sign_in_as(web, scene.club, "caseworker")
    page = (await web.get(f"/referrals/{first}")).text
    for other in told.others:
        assert f'action="/referrals/{other.id}/moves"' in page
        data = {"verb": other.verb, "version": other.version, f"{other.verb}-self-reason": "need_met_elsewhere"}
        answer = await web.post(f"/referrals/{other.id}/moves", data=data)
        assert answer.status_code == 303, answer.text
    assert {await state_of(second), await state_of(third)} == {"withdrawn", "cancel_requested"}


async def test_a_decline_may_name_another_offer_and_the_sender_goes_there_in_one_press(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    scene = await make_scene()
    sister = await make_offer(scene.partner, title="Dyżur prawnika w piątki", free=1)
    hidden = await make_offer(await make_institution("Schronienie"), sensitive=True, title="Adres tajny")
    task = await scene.sent()
    await sign_in_as(web, scene.partner, "partner_intake")
    page = (await web.get(f"/referrals/{task}")).text
    assert f'<option value="{sister}">' in page
    assert str(hidden) not in page
    wrong = {"reason": "no_capacity", "other_offer": "00000000-0000-7000-8000-000000000000"}
    with pytest.raises(Refused, match="invalid"):
        await scene.move(task, "decline", wrong, by=scene.intake)
    data = {
        "verb": "decline",
        "version": await version_of(task),
        "decline-self-reason": "wrong_service",
        "decline-self-other_offer": str(sister),
    }
    assert (await web.post(f"/referrals/{task}/moves", data=data)).status_code == 303
    told = await lesson_of(scene, task)
    assert told is not None
    assert told.instead is not None
    assert told.instead["id"] == sister


async def test_the_person_reads_other_words_than_the_caseworker(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    scene = await make_scene()
    task = await scene.accepted()
    await scene.move(task, "fail", {"reason": "no_show"}, by=scene.intake)
    secret, _ = await make_link("p", by=SYSTEM, subject=scene.person)
    await web.get(f"/p/{secret}")
    own = (await web.get("/p")).text
    assert "Spotkanie się nie odbyło" in own
    assert "osoba nie przyszła" not in own
    web.cookies.clear()
    await sign_in_as(web, scene.club, "caseworker")
    assert "osoba nie przyszła" in (await web.get(f"/referrals/{task}")).text


async def test_after_sharing_ended_the_sender_asks_and_writes_down_that_the_help_goes_on(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    scene = await make_scene()
    task = await scene.accepted()
    await scene.move(task, "withdraw_consent", by=await scene.participant())
    row = (await rows("select clock, due_on, version, state from referral_task where id = $1", task))[0]
    assert (row["clock"], row["state"]) == ("SND", "accepted")
    assert row["due_on"] is not None
    await sign_in_as(web, scene.club, "caseworker")
    assert "czy nadal korzystasz" in (await web.get(f"/referrals/{task}")).text
    here = f"/referrals/{task}/still-uses"
    answer = await web.post(here, data={"version": row["version"], "key": "raz"})
    assert answer.status_code == 303
    assert (await web.post(here, data={"version": row["version"], "key": "raz"})).status_code == 303
    assert (await web.post(here, data={"version": row["version"], "key": "dwa"})).status_code == 409
    after = (await rows("select state, version, review_on, access from referral_task where id = $1", task))[0]
    assert (after["state"], after["version"], after["access"]) == ("accepted", row["version"] + 1, "none")
    assert after["review_on"].isoformat() > in_days(20)
    assert await value("select count(*) from audit_event where event = 'referral:follow_up'") == 1
    await sign_in_as(web, scene.partner, "partner_intake")
    assert (await web.post(here, data={"version": after["version"], "key": "trzy"})).status_code == 403
    with pytest.raises(Stale):
        await scene.move(task, "fail", {"reason": "no_longer_possible"}, channel="person", version=row["version"])
    await scene.move(task, "fail", {"reason": "no_longer_possible"}, channel="person")
    assert await state_of(task) == "not_delivered"
    stranger = await actor_for(await make_institution("Obcy klub", club=True), "caseworker")
    with pytest.raises(NotFound):
        await referral(stranger, task, open_person=False)
