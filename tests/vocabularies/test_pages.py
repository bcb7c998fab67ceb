"""The coordinator edits words over HTTP without script; others may not even look."""

from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest

from referral_hub.vocabularies import book
from referral_hub.vocabularies.words import read_vocabularies
from tests.build import make_institution, sign_in_as

pytestmark = pytest.mark.anyio
STAZ = {"pl": "staż", "en": "traineeship", "synonyms": "praktyka"}


@pytest.fixture
async def coordinator(web: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    await sign_in_as(web, await make_institution("KIS Próbny", kind="kis", club=True), "coordinator")
    yield web
    book.open_book(read_vocabularies())


async def test_every_list_and_every_kind_of_word_has_a_page(coordinator: httpx.AsyncClient) -> None:
    index = (await coordinator.get("/vocabularies")).text
    for name in book.vocabularies():
        assert f"/vocabularies/{name}" in index
        page = await coordinator.get(f"/vocabularies/{name}")
        assert page.status_code == 200
        code = book.words(name, retired=True)[0].code
        assert (await coordinator.get(f"/vocabularies/{name}/{code}")).status_code == 200


@pytest.mark.parametrize("path", ["/vocabularies/nothing", "/vocabularies/form/nothing", "/vocabularies/nothing/staz"])
async def test_what_is_not_there_is_404(coordinator: httpx.AsyncClient, path: str) -> None:
    assert (await coordinator.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/vocabularies", "/vocabularies/form", "/vocabularies/form/staz", "/club"])
async def test_a_caseworker_may_not_edit_words(web: httpx.AsyncClient, path: str) -> None:
    await sign_in_as(web, await make_institution(), "caseworker")
    assert (await web.get(path)).status_code == 403


async def test_an_added_word_stands_in_the_list(coordinator: httpx.AsyncClient) -> None:
    answer = await coordinator.post("/vocabularies/form", data={"pl": "Ogród społeczny", "rhythm": "week"})
    assert answer.status_code == 303
    assert "Ogród społeczny" in (await coordinator.get(answer.headers["location"])).text
    assert book.rhythm("ogrod_spoleczny") == "week"


async def test_all_problems_are_shown_and_what_was_typed_stays(coordinator: httpx.AsyncClient) -> None:
    answer = await coordinator.post(
        "/vocabularies/form", data={"pl": "", "en": "kept & typed", "rhythm": "hour", "parent": "nothing"}
    )
    assert answer.status_code == 422
    assert "kept &amp; typed" in answer.text
    for field in ("pl", "rhythm", "parent"):
        assert f'id="{field}-problem"' in answer.text


async def test_a_need_is_mapped_to_forms(coordinator: httpx.AsyncClient) -> None:
    data = {"pl": "dojazd", "forms": ["transport", "asystent"], "also": ["praca_socjalna"]}
    assert (await coordinator.post("/vocabularies/need/transport", data=data)).status_code == 303
    assert book.forms_for("transport") == {"transport": 1, "asystent": 1, "praca_socjalna": 2}


async def test_a_word_is_retired_and_put_back(coordinator: httpx.AsyncClient) -> None:
    path = "/vocabularies/form/staz/retire"
    assert (await coordinator.post(path, data={"last_day": "2020-01-31"})).status_code == 303
    assert not book.is_known("form", "staz")
    assert "2020" in (await coordinator.get("/vocabularies/form")).text
    assert (await coordinator.post(path, data={"act": "return"})).status_code == 303
    assert book.is_known("form", "staz")


async def test_a_wrong_day_is_told_beside_its_field(coordinator: httpx.AsyncClient) -> None:
    answer = await coordinator.post("/vocabularies/form/staz/retire", data={"last_day": "31.02.2026"})
    assert answer.status_code == 422
    assert 'id="last_day-problem"' in answer.text
    assert "31.02.2026" in answer.text


@pytest.mark.parametrize("path", ["/vocabularies/legal_group", "/vocabularies/legal_group/1"])
async def test_lists_of_law_cannot_be_edited(coordinator: httpx.AsyncClient, path: str) -> None:
    assert (await coordinator.post(path, data=STAZ)).status_code == 404


async def test_a_post_without_the_token_is_refused(
    coordinator: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    del coordinator.headers["X-CSRF-Token"]
    assert (await coordinator.post("/vocabularies/form/staz", data=STAZ)).status_code == 403
    assert await database.fetchval("select count(*) from audit_event where event = 'term:edit'") == 0


async def test_the_profile_of_the_club_is_written_and_read(coordinator: httpx.AsyncClient) -> None:
    data = {"field-2": "KIS/7/2020", "people-1": "1", "posts-1": "0,5", "resource-12": "access", "goals": ["1", "5"]}
    answer = await coordinator.post("/club", data=data)
    assert answer.status_code == 303
    page = (await coordinator.get(answer.headers["location"])).text
    assert 'value="KIS/7/2020"' in page
    assert 'value="0.5"' in page
    assert page.count("checked") == 2


async def test_wrong_numbers_of_the_profile_are_told_and_nothing_is_saved(
    coordinator: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    answer = await coordinator.post("/club", data={"field-2": "kept", "people-1": "wielu", "posts-1": "pół"})
    assert answer.status_code == 422
    assert 'id="people-1-problem"' in answer.text
    assert 'id="posts-1-problem"' in answer.text
    assert 'value="kept"' in answer.text
    assert await database.fetchval("select count(*) from club_profile") == 0
