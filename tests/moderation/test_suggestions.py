"""Anybody suggests, nothing is kept of them; the coordinator accepts, rejects or asks."""

from uuid import uuid4

import asyncpg
import httpx
import pytest

from referral_hub.accounts.actor import ANONYMOUS
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.directory.actions import edit_site
from referral_hub.errors import NotFound, Refused, Stale
from referral_hub.moderation.actions import accept, ask, present_value, reject, suggest
from referral_hub.moderation.queries import one_suggestion, queue_page
from referral_hub.moderation.suggest_pages import suggestions
from referral_hub.moderation.suggesting import Told, read_address, word_cautions
from tests.build import actor_for, make_institution, make_offer, sign_in_as
from tests.moderation.scene import HOURS, SYSTEM_ACTOR, make_place, value

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _calm() -> None:
    suggestions.forget()


async def test_a_visitor_suggests_without_script_or_account_and_leaves_no_trace(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    place = await make_place()
    shown = await web.get(f"/offers/{place.offer}/suggest")
    assert shown.status_code == 200
    typed = {"field": "hours_text", "suggested": "pn-pt 9:00-17:00", "note": "Byłem tam wczoraj.", "key": "k1"}
    answer = await web.post(f"/offers/{place.offer}/suggest", data=typed)
    assert answer.status_code == 200
    again = await web.post(f"/offers/{place.offer}/suggest", data=typed)
    assert again.text == answer.text
    rows = await database.fetch("select * from suggestion")
    assert len(rows) == 1
    row = dict(rows[0])
    assert (row["origin"], row["account"], row["subject_kind"], row["subject"]) == ("visitor", None, "site", place.site)
    assert row["present"] == f'"{HOURS}"'
    line = await database.fetchrow("select account, kind from audit_event where event = 'suggestion:add'")
    assert (line["account"], line["kind"]) == (None, "public")
    assert await value("select hours_text from site where id = $1", place.site) == HOURS


@pytest.mark.parametrize("language", ["en", "uk"])
async def test_the_pages_speak_every_language(web: httpx.AsyncClient, language: str) -> None:
    place = await make_place()
    shown = await web.get(f"/institutions/{place.partner}/suggest?lang={language}")
    assert shown.status_code == 200
    assert "Zaproponuj" not in shown.text


async def test_words_that_name_somebody_are_asked_about_once(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    place = await make_place()
    typed = {"field": "other", "note": "Pani Kowalska już tam nie pracuje."}
    answer = await web.post(f"/institutions/{place.partner}/suggest", data=typed)
    assert answer.status_code == 422
    assert 'name="checked"' in answer.text
    answer = await web.post(f"/institutions/{place.partner}/suggest", data={**typed, "checked": "1"})
    assert answer.status_code == 200
    assert await value("select count(*) from suggestion") == 1


@pytest.mark.parametrize(
    ("text", "warned"),
    [
        ("Anna Nowak", True),
        ("Proszę pytać Annę Nowak.", True),
        ("pan Wiśniewski", True),
        ("uczestnik J.K. nie dotarł", True),
        ("osoba K7M-4XQ", True),
        ("jan.kowalski@gops.example", True),
        ("Ma schizofrenię", True),
        ("ul. Jana Pawła II 5", False),
        ("Szkoła im. Marii Konopnickiej", False),
        ("pn-pt 8:00-16:00, tel. 14 621 00 01", False),
        ("Zadzwoń do sekretariatu. Ośrodek Pomocy Społecznej", False),
    ],
)
def test_a_person_is_told_from_a_street(text: str, warned: bool) -> None:
    assert bool(word_cautions(Told("description", text))) is warned


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"field": "nonsense", "suggested": "x"},
        {"field": "phone"},
        {"field": "other"},
        {"field": "phone", "suggested": "x\x00y"},
        {"field": "phone", "suggested": "x" * 1_000_000},
        {"field": "description", "suggested": "PESEL 44051401359"},
    ],
)
async def test_bad_input_is_said_beside_its_field_and_keeps_nothing(
    web: httpx.AsyncClient, database: asyncpg.Connection, typed: dict[str, str]
) -> None:
    place = await make_place()
    answer = await web.post(f"/offers/{place.offer}/suggest", data=typed)
    assert answer.status_code in (413, 422)
    assert await value("select count(*) from suggestion") == 0


async def test_what_the_public_does_not_see_cannot_be_spoken_of(web: httpx.AsyncClient) -> None:
    draft = await make_institution("Szkic", status="draft")
    hidden = await make_offer(await make_institution("Jawna"), status="draft")
    typed = {"field": "other", "note": "nie ma"}
    for path in (f"/institutions/{draft}", f"/offers/{hidden}", f"/offers/{uuid4()}", f"/institutions/{uuid4()}"):
        assert (await web.post(f"{path}/suggest", data=typed)).status_code == 404
        assert (await web.get(f"{path}/suggest")).status_code == 404


async def test_a_flood_from_one_address_is_slowed_down(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    place = await make_place()
    for number in range(suggestions.most):
        typed = {"field": "other", "note": f"uwaga {number}"}
        assert (await web.post(f"/offers/{place.offer}/suggest", data=typed)).status_code == 200
    answer = await web.post(f"/offers/{place.offer}/suggest", data={"field": "other", "note": "jeszcze"})
    assert answer.status_code == 429
    assert await value("select count(*) from suggestion") == suggestions.most


async def test_a_caseworker_reports_with_the_same_form_and_staff_see_that_it_waits(web: httpx.AsyncClient) -> None:
    place = await make_place()
    await sign_in_as(web, place.club, "caseworker")
    typed = {"field": "phone", "suggested": "14 621 00 09"}
    assert (await web.post(f"/offers/{place.offer}/suggest", data=typed)).status_code == 200
    row = await one_suggestion(await value("select id from suggestion"))
    assert row.waiting.origin == "caseworker"
    assert "Klub Próbny" in row.waiting.who
    assert "Czeka jedna propozycja" in (await web.get(f"/institutions/{place.partner}")).text
    web.cookies.clear()
    assert "Czeka jedna propozycja" not in (await web.get(f"/institutions/{place.partner}")).text


async def seen(suggestion: object) -> str:
    return (await one_suggestion(suggestion)).seen  # type: ignore[arg-type]


async def test_accepting_writes_through_the_ordinary_edit_with_its_history(database: asyncpg.Connection) -> None:
    place = await make_place()
    coordinator = await actor_for(place.club, "coordinator")
    cases = [
        ("phone", "14 621 00 09", "select value from contact where institution = $1 and kind = 'phone'", place.partner),
        ("hours_text", "wt 9-12", "select hours_text from site where id = $1", place.site),
        ("description", "Opis nowy", "select description from offer where id = $1", place.offer),
        ("conditions", "od 18 lat", "select eligibility->>'note' from offer where id = $1", place.offer),
        ("address", "ul. Długa 5, 33-100 Tarnów", "select street from site where id = $1", place.site),
    ]
    for field, suggested, question, row in cases:
        made = await suggest("offer", place.offer, Told(field, suggested), actor=ANONYMOUS)
        await accept(made, actor=coordinator, seen=await seen(made), why="sprawdzone")
        assert await value(question, row) in (suggested, "ul. Długa 5", "14 621 00 09"), field
        assert await value("select state from suggestion where id = $1", made) == "accepted"
    lines = await database.fetch("select distinct source, why, account from field_source where why = 'sprawdzone'")
    assert [dict(line) for line in lines] == [
        {"source": "coordinator", "why": "sprawdzone", "account": coordinator.account}
    ]


async def test_closed_down_is_archived_and_something_else_only_marked(database: asyncpg.Connection) -> None:
    place = await make_place()
    for field in ("other", "closed"):
        made = await suggest("offer", place.offer, Told(field, note="tak"), actor=ANONYMOUS)
        await accept(made, actor=SYSTEM_ACTOR, seen=await seen(made))
    assert await value("select status from offer where id = $1", place.offer) == "archived"


async def test_a_present_value_that_changed_meanwhile_is_shown_first(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    place = await make_place()
    made = await suggest("offer", place.offer, Told("hours_text", "wt 9-12"), actor=ANONYMOUS)
    old = await seen(made)
    await edit_site(place.site, {"hours_text": "śr 10-14"}, actor=SYSTEM_ACTOR)
    with pytest.raises(Stale):
        async with transaction(SYSTEM):
            await accept(made, actor=SYSTEM_ACTOR, seen=old)
    await sign_in_as(web, place.club, "coordinator")
    answer = await web.post(f"/moderation/suggestions/{made}/accept", data={"seen": old, "value": "wt 9-12"})
    assert answer.status_code == 409
    assert "śr 10-14" in answer.text
    assert HOURS in answer.text
    assert await value("select hours_text from site where id = $1", place.site) == "śr 10-14"


async def test_an_address_nobody_can_read_is_refused_not_guessed(database: asyncpg.Connection) -> None:
    place = await make_place()
    made = await suggest("offer", place.offer, Told("address", "obok kościoła"), actor=ANONYMOUS)
    with pytest.raises(Refused):
        async with transaction(SYSTEM):
            await accept(made, actor=SYSTEM_ACTOR, seen=await seen(made))
    await accept(made, actor=SYSTEM_ACTOR, seen=await seen(made), value="Rynek 1, 33-100 Tarnów")
    assert await present_now(place.site) == "Rynek 1, 33-100 Tarnów"


async def present_now(site: object) -> str:
    async with transaction(SYSTEM) as sql:
        return str(await present_value(sql, "site", site, "address"))  # type: ignore[arg-type]


def test_an_address_in_one_line_is_told_apart() -> None:
    assert read_address(" ul. Krótka 2/3 , 33-100  Nowy Sącz") == {
        "street": "ul. Krótka 2/3",
        "post_code": "33-100",
        "place": "Nowy Sącz",
    }
    assert read_address("Krótka 2") is None


async def test_of_two_decisions_the_second_hears_that_it_is_decided(database: asyncpg.Connection) -> None:
    place = await make_place()
    made = await suggest("offer", place.offer, Told("other", note="x"), actor=ANONYMOUS)
    assert await reject([made], actor=SYSTEM_ACTOR, word="spam") == 1
    assert await reject([made], actor=SYSTEM_ACTOR, word="spam") == 0
    with pytest.raises(Refused) as refused:
        async with transaction(SYSTEM):
            await accept(made, actor=SYSTEM_ACTOR, seen='""')
    assert refused.value.code == "suggestion_decided"
    with pytest.raises(NotFound):
        async with transaction(SYSTEM):
            await reject([uuid4()], actor=SYSTEM_ACTOR, word="spam")


async def test_the_institution_is_asked_by_mail_or_else_by_telephone(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    place = await make_place()
    made = await suggest("offer", place.offer, Told("phone", "14 621 00 09", "Anna Nowak mówiła"), actor=ANONYMOUS)
    assert await ask(made, actor=SYSTEM_ACTOR)
    assert await value("select state from suggestion where id = $1", made) == "asked"
    payload = await value("select payload::text from job where name = 'send_mail'")
    assert payload is not None
    assert await value("select count(*) from link where kind = 'c' and institution = $1", place.partner) == 1
    await database.execute("delete from contact where institution = $1 and kind = 'email'", place.partner)
    await sign_in_as(web, place.club, "coordinator")
    answer = await web.post(f"/moderation/suggestions/{made}/ask", follow_redirects=True)
    assert answer.status_code == 200
    assert "14 621 00 01" in answer.text


async def test_the_queue_is_the_coordinators_and_rejects_many_at_once(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    place = await make_place()
    made = [
        await suggest("offer", place.offer, Told("other", note=f"kup teraz {number}"), actor=ANONYMOUS)
        for number in range(5)
    ]
    await sign_in_as(web, place.club, "caseworker")
    assert (await web.get("/moderation")).status_code == 403
    await sign_in_as(web, place.club, "coordinator")
    shown = (await web.get("/moderation")).text
    assert "kup teraz 3" in shown
    assert "Fundacja Próbna" in shown
    picked = {"pick": [str(one) for one in made[:4]]}
    assert (await web.post("/moderation/reject", data=picked)).status_code == 422
    answer = await web.post("/moderation/reject", data={**picked, "word": "reklama"})
    assert answer.status_code == 303
    assert (await queue_page(1)).suggestions == 1
    assert (await web.post("/moderation/reject", data={"pick": ["bzdura"], "word": "x"})).status_code == 422


async def test_mail_about_a_suggestion_names_nobody(database: asyncpg.Connection) -> None:
    from referral_hub.moderation.emails import suggestion_asked

    row = {"field": "description", "present": '"Anna Nowak przyjmuje"', "suggested": '"Przyjmuje psycholog"'}
    facts = suggestion_asked("Fundacja", row, "tajne", "pl")
    assert (facts["present"], facts["suggested"]) == ("", "Przyjmuje psycholog")
