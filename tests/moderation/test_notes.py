"""A private note of one institution's staff: colleagues see it, nobody else, nowhere else."""

from uuid import uuid4

import asyncpg
import httpx
import pytest

from referral_hub.errors import NotAllowed, NotFound
from referral_hub.moderation.notes import add_note, notes_about, remove_note
from tests.build import actor_for, make_institution, sign_in_as
from tests.moderation.scene import SYSTEM_ACTOR, make_place, value

pytestmark = pytest.mark.anyio
WORDS = "W piątki odbierają tylko do południa."


async def test_colleagues_see_it_and_nobody_else(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    place = await make_place()
    await sign_in_as(web, place.club, "caseworker")
    path = f"/institutions/{place.partner}/notes"
    answer = await web.post(path, data={"text": WORDS, "key": "n1", "offer": str(place.offer)})
    assert answer.status_code == 303
    await web.post(path, data={"text": WORDS, "key": "n1", "offer": str(place.offer)})
    assert await value("select count(*) from staff_note") == 1
    await sign_in_as(web, place.club, "coordinator")
    for page in (f"/institutions/{place.partner}", f"/offers/{place.offer}", path):
        assert WORDS in (await web.get(page)).text
    for institution, role in ((place.partner, "partner_editor"), (await make_institution("OPS"), "caseworker")):
        await sign_in_as(web, institution, role)
        assert WORDS not in (await web.get(f"/institutions/{place.partner}")).text
    web.cookies.clear()
    assert WORDS not in (await web.get(f"/institutions/{place.partner}")).text
    assert WORDS not in (await web.get("/api/v1/offers?q=południa")).text
    assert WORDS not in (await web.get("/?q=południa")).text


async def test_its_author_or_the_owners_coordinator_takes_it_away_with_its_words(
    database: asyncpg.Connection,
) -> None:
    place = await make_place()
    author, colleague = await actor_for(place.club, "caseworker"), await actor_for(place.club, "caseworker")
    coordinator = await actor_for(place.club, "coordinator")
    stranger = await actor_for(await make_institution("OPS"), "coordinator")
    notes = [await add_note(place.partner, WORDS, actor=author) for _ in range(2)]
    with pytest.raises(NotAllowed):
        await remove_note(notes[0], actor=colleague)
    with pytest.raises(NotFound):
        await remove_note(notes[0], actor=stranger)
    await remove_note(notes[0], actor=author)
    await remove_note(notes[1], actor=coordinator)
    assert await notes_about(place.partner, author) == []
    assert await value("select count(*) from staff_note where text <> ''") == 0
    with pytest.raises(NotFound):
        await remove_note(notes[0], actor=author)
    assert await value("select count(*) from audit_event where event in ('note:add', 'note:remove')") == 4


@pytest.mark.parametrize("words", ["Anna Nowak jest miła", "Ich uczestnik J.K. ma depresję", "osoba K7M-4XQ"])
async def test_words_about_a_person_are_asked_about_once(
    web: httpx.AsyncClient, database: asyncpg.Connection, words: str
) -> None:
    place = await make_place()
    await sign_in_as(web, place.club, "caseworker")
    answer = await web.post(f"/institutions/{place.partner}/notes", data={"text": words})
    assert answer.status_code == 422
    assert 'name="checked"' in answer.text
    assert await value("select count(*) from staff_note") == 0


async def test_bad_notes_are_refused(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    place = await make_place()
    await sign_in_as(web, place.club, "caseworker")
    path = f"/institutions/{place.partner}/notes"
    bad = [{}, {"text": "x" * 5000}, {"text": "x\x00"}, {"text": "44051401359"}, {"text": "x", "offer": "bzdura"}]
    for data in bad:
        assert (await web.post(path, data=data)).status_code == 422
    assert (await web.post(path, data={"text": "x", "offer": str(uuid4())})).status_code == 404
    assert (await web.get(f"/institutions/{uuid4()}/notes")).status_code == 404
    await sign_in_as(web, place.partner, "partner_editor")
    assert (await web.get(path)).status_code == 403
    assert await notes_about(place.partner, SYSTEM_ACTOR) == []
