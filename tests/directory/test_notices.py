"""A notice stands between its days, wherever its offer is shown, and is gone afterwards without anybody's doing."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.directory import read_model_refresh
from referral_hub.directory.notice_words import names_somebody, problems_of
from referral_hub.directory.notices import MOST, add_notice, end_notice, notices_today
from referral_hub.errors import NotFound, Refused
from referral_hub.web.wording import translate
from tests.build import actor_for, make_institution, make_offer, make_site, sign_in_as

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)
WORDS = "W piątek nieczynne z powodu inwentaryzacji"


async def a_place(**offer: Any) -> tuple[UUID, UUID, UUID]:
    """Institution, site, offer."""
    institution = await make_institution("Stowarzyszenie Próbne")
    site = await make_site(institution)
    return institution, site, await make_offer(institution, title="Porady prawne", site=site, free=2, **offer)


async def shown(web: httpx.AsyncClient, institution: UUID, offer: UUID) -> list[bool]:
    """On the card of the search, the offer, the institution, in the JSON."""
    pages = [await web.get(path) for path in ("/", f"/offers/{offer}", f"/institutions/{institution}")]
    told = (await web.get("/api/v1/offers")).json()["items"]
    notices = [one for item in told if item["id"] == str(offer) for one in item["notice"]]
    return [*(WORDS in page.text for page in pages), any(one["text"] == WORDS for one in notices)]


async def test_it_is_shown_on_its_days_only(web: httpx.AsyncClient) -> None:
    institution, _, offer = await a_place()
    editor, today = await actor_for(institution, "partner_editor"), clock.today()
    await add_notice(institution, WORDS, from_on=today + DAY, until_on=today + 2 * DAY, actor=editor)
    for days, wanted in ((0, False), (1, True), (2, True), (3, False)):
        with clock.at(clock.now() + days * DAY):
            assert await shown(web, institution, offer) == [wanted] * 4, days


async def test_the_kept_copy_turns_with_the_day_and_hears_of_changes(database: asyncpg.Connection) -> None:
    from referral_hub.directory.cards import notices_of
    from referral_hub.directory.read_model import turn_day

    institution, _, offer = await a_place()
    editor, today = await actor_for(institution, "partner_editor"), clock.today()
    before = await database.fetchval("select sum(number) from directory_version")
    notice = await add_notice(institution, WORDS, from_on=today + DAY, until_on=today + DAY, actor=editor)
    assert await database.fetchval("select sum(number) from directory_version") > before
    model = await read_model_refresh.read_model()
    card = model.cards[str(offer)]
    assert not notices_of(card, model.day)
    for day, wanted in ((today + DAY, 1), (today + 2 * DAY, 0)):
        turn_day(model, day)
        assert len(notices_of(model.cards[str(offer)], model.day)) == wanted
    before = await database.fetchval("select sum(number) from directory_version")
    await end_notice(notice, actor=editor)
    assert await database.fetchval("select sum(number) from directory_version") > before


async def test_it_speaks_of_one_offer_one_place_or_everything(web: httpx.AsyncClient) -> None:
    institution, site, offer = await a_place()
    other = await make_offer(institution, title="Klub seniora", free=1)
    editor, today = await actor_for(institution, "partner_editor"), clock.today()
    for about, first, second in ((None, True, True), (offer, True, False), (site, True, False)):
        notice = await add_notice(institution, WORDS, from_on=today, until_on=today, actor=editor, about=about)
        assert (WORDS in (await web.get(f"/offers/{offer}")).text.split("<h2>Inne")[0]) is first
        assert (await notices_today(offer) == [WORDS]) is first
        assert (await notices_today(other) == [WORDS]) is second
        told = {one["id"]: one["notice"] for one in (await web.get("/api/v1/offers")).json()["items"]}
        assert (bool(told[str(offer)]), bool(told[str(other)])) == (first, second)
        assert WORDS in (await web.get(f"/institutions/{institution}")).text
        await end_notice(notice, actor=editor)
        assert WORDS not in (await web.get(f"/institutions/{institution}")).text


async def test_an_editor_says_it_in_two_taps_and_takes_it_down(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution, _, offer = await a_place()
    await sign_in_as(web, institution, "partner_editor")
    assert 'href="/my-offers/notices"' in (await web.get("/my-offers")).text
    page = await web.get("/my-offers/notices")
    today = clock.today().isoformat()
    assert f'value="{today}"' in page.text
    sent = {"text": WORDS, "from_on": today, "until_on": today, "key": "jeden"}
    for _ in range(2):
        answer = await web.post("/my-offers/notices", data=sent)
        assert (answer.status_code, answer.headers["location"]) == (303, "/my-offers/notices?done=said")
    (notice,) = await database.fetch("select id from notice")
    assert WORDS in (await web.get("/my-offers/notices?done=said")).text
    assert await shown(web, institution, offer) == [True] * 4
    for _ in range(2):
        assert (await web.post(f"/my-offers/notices/{notice['id']}/end")).status_code == 303
    assert await shown(web, institution, offer) == [False] * 4
    events = await database.fetch("select event from audit_event where event like 'notice:%' order by at")
    assert [row["event"] for row in events] == ["notice:add", "notice:end"]


async def test_the_coordinator_speaks_for_an_institution(web: httpx.AsyncClient) -> None:
    institution, _, offer = await a_place()
    await sign_in_as(web, await make_institution("Klub", "kis", club=True), "coordinator")
    assert f"/my-offers/notices?institution={institution}" in (await web.get(f"/institutions/{institution}/edit")).text
    assert (await web.get("/my-offers/notices", params={"institution": str(institution)})).status_code == 200
    today = clock.today().isoformat()
    sent = {"text": WORDS, "from_on": today, "until_on": today, "institution": str(institution), "about": str(offer)}
    answer = await web.post("/my-offers/notices", data=sent)
    assert answer.headers["location"] == f"/my-offers/notices?done=said&institution={institution}"
    assert await notices_today(offer) == [WORDS]


async def test_nobody_speaks_for_another(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution, _, foreign_offer = await a_place()
    own, _, _ = await a_place()
    today = clock.today()
    notice = await add_notice(
        institution, WORDS, from_on=today, until_on=today, actor=await actor_for(institution, "partner_editor")
    )
    actor = await sign_in_as(web, own, "partner_editor")
    days = {"from_on": today.isoformat(), "until_on": today.isoformat()}
    assert (await web.get("/my-offers/notices", params={"institution": str(institution)})).status_code == 404
    sent = {"text": WORDS, "institution": str(institution), **days}
    assert (await web.post("/my-offers/notices", data=sent)).status_code == 404
    assert (await web.post(f"/my-offers/notices/{notice}/end")).status_code == 404
    assert (await web.post(f"/my-offers/notices/{UUID(int=1)}/end")).status_code == 404
    wrong = await web.post("/my-offers/notices", data={"text": WORDS, "about": str(foreign_offer), **days})
    assert wrong.status_code == 422
    with pytest.raises(NotFound):
        await add_notice(institution, WORDS, from_on=today, until_on=today, actor=actor)
    assert await database.fetchval("select count(*) from notice") == 1
    for role in ("caseworker", "partner_intake", "dpo"):
        await sign_in_as(web, institution, role)
        assert (await web.get("/my-offers/notices")).status_code == 403
        assert (await web.post("/my-offers/notices", data={"text": WORDS, **days})).status_code == 403


def _days(first: int, last: int) -> dict[str, str]:
    today = clock.today()
    return {"from_on": (today + first * DAY).isoformat(), "until_on": (today + last * DAY).isoformat()}


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "text"),
        ({"text": "", **_days(0, 0)}, "text"),
        ({"text": "…!?", **_days(0, 0)}, "text"),
        ({"text": "ż" * 201, **_days(0, 0)}, "text"),
        ({"text": "zam\x00knięte", **_days(0, 0)}, "text"),
        ({"text": "zamknięte 44051401359", **_days(0, 0)}, "text"),
        ({"text": WORDS, **_days(2, 1)}, "until_on"),
        ({"text": WORDS, **_days(-1, 0)}, "from_on"),
        ({"text": WORDS, **_days(-3, -2)}, "from_on"),
        ({"text": WORDS, **_days(0, 91)}, "until_on"),
        ({"text": WORDS, **_days(80, 999999)}, "until_on"),
        ({"text": WORDS, "from_on": "31.02.2026", "until_on": "x"}, "from_on"),
        ({"text": WORDS, "about": "x", **_days(0, 0)}, "about"),
        ({"text": WORDS, "about": str(UUID(int=4)), **_days(0, 0)}, "about"),
    ],
)
async def test_what_cannot_be_is_told_beside_its_field(
    web: httpx.AsyncClient, database: asyncpg.Connection, sent: dict[str, str], field: str
) -> None:
    institution, _, _ = await a_place()
    await sign_in_as(web, institution, "partner_editor")
    page = await web.post("/my-offers/notices", data=sent)
    assert page.status_code == 422
    assert f'href="#{field}"' in page.text
    if sent.get("text") == WORDS:
        assert WORDS in page.text
    assert not await database.fetchval("select count(*) from notice")


async def test_ninety_days_are_the_most_and_twenty_notices(database: asyncpg.Connection) -> None:
    institution, _, _ = await a_place()
    editor, today = await actor_for(institution, "partner_editor"), clock.today()
    for _ in range(MOST):
        await add_notice(institution, WORDS, from_on=today, until_on=today + 90 * DAY, actor=editor)
    with pytest.raises(Refused) as refusal:
        await add_notice(institution, WORDS, from_on=today, until_on=today, actor=editor)
    assert refusal.value.problems[0].code == "notices_too_many"


async def test_a_name_is_asked_about_once(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution, _, _ = await a_place()
    await sign_in_as(web, institution, "partner_editor")
    sent = {"text": "Zastępuje Anna Kowalska", **_days(0, 0)}
    page = await web.post("/my-offers/notices", data=sent)
    assert page.status_code == 422
    assert translate("pl", "error.notice_names_somebody") in page.text
    assert 'name="sure"' in page.text
    assert (await web.post("/my-offers/notices", data={**sent, "sure": "1"})).status_code == 303
    assert await database.fetchval("select count(*) from notice") == 1


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Zastępuje Anna Kowalska", True),
        ("Proszę dzwonić do Jana Nowaka", True),
        ("Zastępstwo za panią Wiśniewską", True),
        ("Pisać: anna.kowalska@gops.example", True),
        ("W piątek nieczynne", False),
        ("Sekretariat: 14 600 00 01", False),
        ("Zapraszamy na ul. Jana Pawła II", False),
        ("Przenosimy się na plac im. Jana Kochanowskiego", False),
        ("Biuro Porad Obywatelskich czynne do 12", False),
        ("Pisać: biuro@gops.example", False),
        ("Nieczynne w Boże Ciało", False),
        ("Panie proszone są o numerek", False),
    ],
)
def test_names_of_people_are_noticed_and_streets_are_not(text: str, named: bool) -> None:
    assert names_somebody(text) is named


def test_days_and_words_are_judged_together() -> None:
    today = date(2026, 11, 23)
    found = problems_of("x" * 300, today - DAY, today - 2 * DAY, today)
    assert {problem.field for problem in found} == {"text", "from_on", "until_on"}
    assert not problems_of(WORDS, today, today + 90 * DAY, today)


async def test_a_hidden_address_stays_out_of_a_notice(web: httpx.AsyncClient) -> None:
    institution = await make_institution("Dom Próbny")
    site = await make_site(institution, street="ul. Cicha 7", address_visibility="staff")
    offer = await make_offer(institution, "schronienie", "Schronienie", site=site, free=1)
    editor, today = await actor_for(institution, "partner_editor"), clock.today()
    await add_notice(institution, "Dziś wejście od Cicha 7", from_on=today, until_on=today, actor=editor)
    for path in ("/", f"/offers/{offer}", f"/institutions/{institution}", "/api/v1/offers"):
        text = (await web.get(path)).text
        assert "wejście od" in text
        assert "Cicha" not in text


async def test_the_printed_card_says_it_too(web: httpx.AsyncClient) -> None:
    from tests.referral_pages.scenes import a_referral, a_scene

    scene = await a_scene(web)
    task = await a_referral(scene)
    async with transaction(SYSTEM) as sql:
        await sql.execute("update institution set kind = 'ngo' where id = $1", scene.clinic)
        await sql.execute("update offer set form = 'por_prawne' where id = $1", scene.offer)
        await sql.execute(
            """insert into notice (id, institution, text, from_on, until_on, made_at)
            values (gen_random_uuid(), $1, $2, $3, $3, $4)""",
            scene.clinic,
            WORDS,
            clock.today(),
            clock.now(),
        )
    assert WORDS in (await web.get(f"/referrals/{task}/card")).text


async def test_a_program_says_it_once_and_takes_it_back(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution, _, offer = await a_place()
    await sign_in_as(web, institution, "partner_editor")
    path, body = f"/api/v1/institutions/{institution}/notices", {"text": WORDS, **_days(0, 3), "about": str(offer)}
    made = await web.post(path, json=body, headers={"Idempotency-Key": "1"})
    assert made.status_code == 201
    again = await web.post(path, json=body, headers={"Idempotency-Key": "1"})
    assert again.json() == made.json()
    assert await notices_today(offer) == [WORDS]
    for _ in range(2):
        assert (await web.delete(f"/api/v1/notices/{made.json()['id']}")).status_code == 204
    assert await notices_today(offer) == []
    other = await make_institution("Obca")
    assert (await web.post(f"/api/v1/institutions/{other}/notices", json=body)).status_code == 404


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"text": ""}, {"text"}),
        ({"text": 5, "from_on": "jutro"}, {"text", "from_on"}),
        ({"text": "zam\x00knięte"}, {"text"}),
        ({"until_on": "2020-01-01"}, {"until_on"}),
        ({"colour": "red"}, {"colour"}),
        ({"about": "x"}, {"about"}),
    ],
)
async def test_a_programs_mistakes_are_named(
    web: httpx.AsyncClient, change: dict[str, object], fields: set[str]
) -> None:
    institution, _, _ = await a_place()
    await sign_in_as(web, institution, "partner_editor")
    body = {"text": WORDS, **_days(0, 3), **change}
    answer = await web.post(f"/api/v1/institutions/{institution}/notices", json=body)
    assert answer.status_code == 422
    assert {problem["field"] for problem in answer.json()["problems"]} == fields
