"""The name behind an answer link opens by a code only, in the browser that gave it, and five wrong ones lock it."""

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts.links import actor_of_link, make_link
from referral_hub.accounts.spoken_codes import MOST_WRONG, codes_of, set_own_code, try_code
from referral_hub.answering.unlocking import give_new_code
from referral_hub.database.pool import ENGINE, close_pool, open_pool
from referral_hub.database.transaction import SYSTEM
from referral_hub.participants.actions import register
from referral_hub.referrals.actions import draft, perform
from tests.answering.test_guest import a_guest, arrive
from tests.build import actor_for, make_agreement, make_institution, make_offer, sign_in_as
from tests.conftest import make_database
from tests.referral_pages.rows import rows, value
from tests.referral_pages.scenes import (
    CONSENT,
    NAME,
    Scene,
    a_plain_scene,
    a_referral,
    a_scene,
    form_with,
    hidden_fields,
    text_of,
)

pytestmark = pytest.mark.anyio
LOCKED = "pięć razy podano błędny kod"


async def accepted(web: httpx.AsyncClient, scene: Scene, *, note: str = "") -> tuple[UUID, dict[str, str]]:
    """A referral accepted by phone, and a guest who has given no code; the fields of the guest's forms."""
    task = await a_referral(scene, note=note)
    await perform(task, actor=scene.worker, verb="accept", version=2, channel="phone")
    form = form_with(await arrive(web, await a_guest(web, scene, task)), "/a/moves", 'value="start"')
    return task, {"csrf": hidden_fields(form)["csrf"]}


async def opened(web: httpx.AsyncClient, fields: dict[str, str]) -> httpx.Response:
    return await web.post("/a/open", data=fields)


async def test_before_the_code_there_is_a_number_and_no_case(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task, fields = await accepted(web, scene, note="Mieszka z siostrą")
    case_code, number = (
        (await rows("select case_code from participant"))[0][0],
        await value("select number from referral_task"),
    )
    for answer in (await web.get("/a"), await opened(web, fields)):
        text = text_of(answer.text)
        assert number in text
        for hidden in (NAME, case_code, "600 700 800", "Mieszka z siostrą", "uzależnienie od"):
            assert hidden not in text
    assert (await opened(web, fields)).status_code == 403
    assert await value("select count(*) from disclosure where kind = 'opened'") == 0
    assert await value("select seen_at is null or state = 'accepted' from referral_task where id = $1", task)


async def test_the_code_told_by_phone_opens_in_this_browser_and_is_no_move(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task, fields = await accepted(web, scene)
    version = await value("select version from referral_task")
    code = (await codes_of(task)).spoken
    right = await web.post("/a/code", data={**fields, "code": f" {code[:2]}-{code[2:]} "})
    assert right.status_code == 303
    kept = right.headers["set-cookie"]
    assert "httponly" in kept.lower()
    assert "path=/a" in kept.lower()
    assert "samesite=lax" in kept.lower()
    assert code.replace(" ", "") not in kept
    assert NAME not in (await web.get("/a")).text, "only the opening shows, and leaves its line"
    assert NAME in (await opened(web, fields)).text
    assert await value("select count(*) from disclosure where kind = 'opened'") == 1
    assert await value("select version from referral_task") == version
    web.cookies.delete("hub_ac")
    assert (await opened(web, fields)).status_code == 403, "another browser with the same link"


async def test_a_cookie_of_one_link_opens_no_other(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task, fields = await accepted(web, scene)
    await web.post("/a/code", data={**fields, "code": (await codes_of(task)).spoken})
    replayed = web.cookies["hub_ac"]
    _, other_fields = await accepted(web, scene)
    held = web.cookies["hub_a"]
    for forged in (replayed, "", "a", "ż" * 50, "x" * 4000):
        web.cookies.clear()
        cookies = f"hub_a={held}; hub_ac={forged}".encode()
        answer = await web.post("/a/open", data=other_fields, headers=[(b"Cookie", cookies)])
        assert answer.status_code == 403
        assert NAME not in answer.text


async def test_a_new_code_closes_what_the_old_one_had_opened(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task, fields = await accepted(web, scene)
    old = (await codes_of(task)).spoken
    await web.post("/a/code", data={**fields, "code": old})
    assert (await opened(web, fields)).status_code == 200
    await give_new_code(task, actor=scene.worker)
    assert (await opened(web, fields)).status_code == 403
    assert (await web.post("/a/code", data={**fields, "code": old})).status_code == 422
    await web.post("/a/code", data={**fields, "code": (await codes_of(task)).spoken})
    assert NAME in (await opened(web, fields)).text


async def test_five_wrong_codes_lock_every_link_of_the_task_and_tell_the_sender_once(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task, fields = await accepted(web, scene)
    code = (await codes_of(task)).spoken
    wrong = "000 000" if code != "000 000" else "000 001"
    mails = await value("select count(*) from job where name = 'send_mail'")
    for typed in (wrong, "", "x" * 30, wrong, "1" * 40, wrong, "９９９９９９"):
        answer = await web.post("/a/code", data={**fields, "code": typed})
        assert answer.status_code == 422
    assert LOCKED in text_of(answer.text)
    assert (await web.post("/a/code", data={**fields, "code": "1" * 5000})).status_code == 422
    assert (await codes_of(task)).wrong == MOST_WRONG
    assert (await web.post("/a/code", data={**fields, "code": code})).status_code == 422, "locked is locked"
    assert await value("select count(*) from job where name = 'send_mail'") == mails + 1
    assert await value("select count(*) from audit_event where event = 'link:lock'") == 1
    fresh, _ = await make_link("a", by=SYSTEM, institution=scene.clinic, subject=task, address="b@x.example")
    assert LOCKED in text_of(await arrive(web, fresh)), "a new link is no new chance"
    assert (
        await opened(web, hidden_fields(form_with((await web.get("/a")).text, "/a/moves", 'value="start"')))
    ).status_code == 403


async def test_only_the_sender_reads_the_code_and_gives_a_new_one(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    await a_guest(web, scene, task)
    await web.get("/")
    worker = await sign_in_as(web, scene.club, "caseworker")
    old = (await codes_of(task)).spoken
    assert old in text_of((await web.get(f"/referrals/{task}")).text)
    for _ in range(MOST_WRONG):
        await try_code(task, scene.clinic, "1", by=SYSTEM, link=None)
    assert LOCKED in text_of((await web.get(f"/referrals/{task}")).text)
    assert (await web.post(f"/referrals/{task}/code")).status_code == 303
    page = text_of((await web.get(f"/referrals/{task}")).text)
    new = (await codes_of(task)).spoken
    assert new in page
    assert old not in page
    assert LOCKED not in page
    assert worker.institution == scene.club
    for institution, role, status in ((scene.clinic, "partner_intake", 403), (scene.club, "coordinator", 403)):
        await sign_in_as(web, institution, role)
        assert new not in text_of((await web.get(f"/referrals/{task}")).text)
        assert (await web.post(f"/referrals/{task}/code")).status_code == status
    stranger = await make_institution("Obcy KIS", kind="kis")
    await sign_in_as(web, stranger, "caseworker")
    assert (await web.post(f"/referrals/{task}/code")).status_code == 404
    assert (await codes_of(task)).spoken == new


async def test_an_institution_that_sets_its_own_code_asks_for_it_everywhere(web: httpx.AsyncClient) -> None:
    scene = await a_plain_scene(web)
    task, fields = await accepted(web, scene)
    assert NAME in (await opened(web, fields)).text, "nothing sensitive, no code"
    await sign_in_as(web, scene.clinic, "partner_editor")
    told = await web.post("/my-offers/code")
    code = text_of(told.text).split(" Państwa kod ")[1][:9]
    assert code not in (await web.get("/my-offers/code")).text, "told once"
    assert (
        await value("select count(*) from institution_code where position($1 in encode(code, 'escape')) > 0", code) == 0
    )
    web.headers.pop("X-CSRF-Token", None)
    web.cookies.clear()
    page = await arrive(web, await a_guest(web, scene, task))
    fields = hidden_fields(form_with(page, "/a/code"))
    assert (await opened(web, fields)).status_code == 403
    assert (await web.post("/a/code", data={**fields, "code": code})).status_code == 303
    assert NAME in (await opened(web, fields)).text
    await set_own_code(scene.clinic, actor=await actor_for(scene.clinic, "partner_editor"))
    assert (await opened(web, fields)).status_code == 403, "a newer code closes what the older one had opened"


async def test_another_institutions_code_opens_nothing_and_no_other_may_set_one(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task, fields = await accepted(web, scene)
    other = await make_institution("Inna Poradnia", kind="lecznictwo_odwykowe")
    foreign = await set_own_code(other, actor=await actor_for(other, "partner_editor"))
    assert (await web.post("/a/code", data={**fields, "code": foreign})).status_code == 422
    assert (await codes_of(task)).wrong == 1
    await sign_in_as(web, other, "partner_editor")
    await web.post(f"/my-offers/code?institution={scene.clinic}")
    assert await rows("select institution from institution_code") == [(other,)]
    await sign_in_as(web, other, "partner_intake")
    assert (await web.post("/my-offers/code")).status_code == 403
    await sign_in_as(web, scene.club, "coordinator")
    assert (await web.post(f"/my-offers/code?institution={scene.clinic}")).status_code == 200
    assert (await web.get("/my-offers/code?institution=x")).status_code == 404


async def test_scanners_and_expired_links_try_no_code(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    secret = await a_guest(web, scene, await a_referral(scene))
    await web.head(f"/a/{secret}")
    page = await arrive(web, secret)
    assert (await web.head("/a")).status_code == 200
    assert await value("select count(*) from link where used_at is not null or wrong_codes > 0") == 0
    fields = hidden_fields(form_with(page, "/a/code"))
    assert (await web.post("/a/code", data={"code": "1"})).status_code == 403
    with clock.at(clock.now() + timedelta(days=31)):
        assert (await web.post("/a/code", data={**fields, "code": "1"})).status_code == 303
    assert await value("select max(wrong_codes) from link") == 0


async def test_twenty_guesses_at_one_moment_are_five(pool: None, worker_id: str) -> None:
    before, ENGINE.pool, config = ENGINE.pool, None, ENGINE.config
    try:
        await open_pool(await make_database(f"guesses_{worker_id}"), largest=10)
        club, clinic = await make_institution("Klub", kind="kis", club=True), await make_institution("Poradnia")
        await make_agreement(club)
        worker, offer = await actor_for(club, "caseworker"), await make_offer(clinic, free=3)
        person = await register(actor=worker, label=NAME, sex="K", gmina="126301")
        task = await draft(actor=worker, person=person.id, offer=offer, need="prawo", basis=CONSENT)
        await perform(task, actor=worker, verb="send", version=1)
        links = [(await make_link("a", by=SYSTEM, institution=clinic, subject=task))[1] for _ in range(3)]
        tried = await asyncio.gather(
            *(
                try_code(task, clinic, "x", by=actor_of_link(links[n % 3]).scope, link=links[n % 3].id)
                for n in range(20)
            )
        )
        assert (tried.count("wrong"), tried.count("locks"), tried.count("locked")) == (4, 1, 15)
        assert (await codes_of(task)).wrong == MOST_WRONG
    finally:
        await close_pool()
        ENGINE.pool, ENGINE.config = before, config
