"""History of an entry: who, when, why, what it was; and the way back, which erases nothing."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts.sessions import COOKIE
from referral_hub.database.columns import new_id
from referral_hub.directory.field_history import Line, Piece, as_of, changes, word_diff
from referral_hub.directory.restoring import restore_value, restore_version
from referral_hub.directory.saving import save_entry
from referral_hub.errors import NotFound, Refused
from tests.build import actor_for, make_institution, make_offer, sign_in_as

pytestmark = pytest.mark.anyio
START = datetime(2026, 11, 2, 9, tzinfo=UTC)
WHOLE: dict[str, Any] = {"needs": ["zadluzenie"], "audiences": ["bezrobotne"], "first_step": "Zadzwoń.", "area": ["12"]}


def line(field: str, before: Any, value: Any, minutes: int, account: UUID | None = None) -> Line:
    return Line(new_id(), "offer", field, before, value, "partner", "", account, START + timedelta(minutes=minutes))


def test_the_difference_is_told_word_by_word() -> None:
    assert word_diff("Zadzwoń do nas w środę.", "Zadzwoń do biura w środę.") == [
        Piece("same", "Zadzwoń do "),
        Piece("gone", "nas"),
        Piece("new", "biura"),
        Piece("same", " w środę."),
    ]
    assert word_diff("", "nowe") == [Piece("new", "nowe")]
    assert word_diff("stare", "") == [Piece("gone", "stare")]


@pytest.mark.parametrize(("before", "after"), [("a b c " * 3000, "b c d " * 3000), ("x" * 50_000, "y " * 40_000)])
def test_long_texts_are_compared_in_little_time_and_nothing_is_left_out(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "new") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == after


def test_what_one_form_wrote_is_one_change_and_the_newest_comes_first() -> None:
    one = new_id()
    lines = [line("title", "a", "b", 0, one), line("cost", "", "5 zł", 0, one), line("title", "b", "c", 5, one)]
    found = changes(lines)
    assert [{each.field for each in change.lines} for change in found] == [{"title"}, {"title", "cost"}]


def test_the_values_of_a_moment() -> None:
    lines = [line("title", None, "a", 0), line("title", "a", "b", 10), line("cost", "", "5 zł", 20)]
    at = as_of(lines, START + timedelta(minutes=5))
    assert at == {("offer", "title"): "a", ("offer", "cost"): ""}
    assert as_of(lines, START + timedelta(minutes=20)) == {("offer", "title"): "b", ("offer", "cost"): "5 zł"}


class Told:
    """An offer changed three times by its own editor, and later by the coordinator."""

    def __init__(self, institution: UUID, offer: UUID, partner: Any, coordinator: Any, moments: list[datetime]) -> None:
        self.institution, self.offer, self.partner, self.coordinator = institution, offer, partner, coordinator
        self.moments = moments


@pytest.fixture
async def told(database: asyncpg.Connection) -> Told:
    institution = await make_institution("Fundacja Most")
    partner = await actor_for(institution, "partner_editor")
    coordinator = await actor_for(await make_institution("KIS"), "coordinator")
    moments = [clock.now() - timedelta(days=days) for days in (30, 20, 10)]
    with clock.at(moments[0]):
        offer = await make_offer(institution, title="Prawnik", **WHOLE)
        await save_entry("offer", offer, {"title": "Prawnik za darmo", "phone": "14 621 34 56"}, actor=partner)
    with clock.at(moments[1]):
        changes_two = {"title": "Porady prawne", "phone": "601 123 456", "age_from": 18}
        await save_entry("offer", offer, changes_two, actor=partner, why="Nowy numer")
    with clock.at(moments[2]):
        await save_entry("offer", offer, {"title": "Porady", "cost": "5 zł"}, actor=coordinator)
    return Told(institution, offer, partner, coordinator, moments)


async def test_the_page_says_who_when_why_and_what(web: httpx.AsyncClient, told: Told) -> None:
    actor = await sign_in_as(web, told.institution, "partner_editor")
    page = (await web.get(f"/my-offers/{told.offer}/history")).text
    for shown in ("Nowy numer", "konto", "KIS", "koordynator", "<del>", "<ins>", "Przywróć, co było wcześniej"):
        assert shown in page, shown
    # The coordinator's own address is not told to a partner; a colleague's is.
    assert actor.institution == told.institution
    emails = set(re.findall(r"konto\d+@hub\.example", page))
    assert len(emails) == 1
    await sign_in_as(web, await make_institution("KIS", kind="kis"), "coordinator")
    page = (await web.get(f"/my-offers/{told.offer}/history")).text
    assert len(set(re.findall(r"konto\d+@hub\.example", page))) == 2
    await sign_in_as(web, await make_institution(), "partner_editor")
    assert (await web.get(f"/my-offers/{told.offer}/history")).status_code == 404
    assert (await web.post(f"/my-offers/{told.offer}/history", data={"line": str(new_id())})).status_code == 404
    web.cookies.delete(COOKIE)
    assert (await web.get(f"/my-offers/{told.offer}/history")).status_code == 303


async def test_one_value_is_restored_as_a_new_change(database: asyncpg.Connection, told: Told) -> None:
    last = await database.fetchval(
        "select id from field_source where subject = $1 and field = 'title' order by at desc limit 1", told.offer
    )
    before = await database.fetchval("select count(*) from field_source where subject = $1", told.offer)
    await restore_value("offer", told.offer, last, actor=told.partner)
    row = await database.fetchrow("select title, cost from offer where id = $1", told.offer)
    assert tuple(row) == ("Porady prawne", "5 zł")
    assert await database.fetchval("select count(*) from field_source where subject = $1", told.offer) == before + 1


async def test_the_whole_is_restored_contacts_and_conditions_too(database: asyncpg.Connection, told: Told) -> None:
    await restore_version("offer", told.offer, told.moments[0], actor=told.partner)
    row = await database.fetchrow("select title, cost, eligibility::text from offer where id = $1", told.offer)
    assert tuple(row) == ("Prawnik za darmo", "", "{}")
    phones = await database.fetch("select value from contact where belongs_to = $1", told.offer)
    assert [one["value"] for one in phones] == ["14 621 34 56"]
    await restore_version("offer", told.offer, told.moments[2], actor=told.partner)
    row = await database.fetchrow("select title, cost, eligibility::text from offer where id = $1", told.offer)
    assert tuple(row) == ("Porady", "5 zł", '{"age_from": 18}')


async def test_another_entrys_value_an_impossible_moment_and_a_state_are_not_restored(
    database: asyncpg.Connection, told: Told
) -> None:
    other = await make_offer(told.institution, title="Inna", **WHOLE)
    await save_entry("offer", other, {"title": "Inna nazwa"}, actor=told.partner)
    foreign = await database.fetchval("select id from field_source where subject = $1 limit 1", other)
    for wrong in (foreign, new_id()):
        with pytest.raises(NotFound):
            await restore_value("offer", told.offer, wrong, actor=told.partner)
    with pytest.raises(Refused) as refusal:
        await restore_version("offer", told.offer, told.moments[0] - timedelta(days=1), actor=told.partner)
    assert refusal.value.code == "not_restorable"
    await save_entry("institution", told.institution, {"name": "Most II"}, actor=told.coordinator)
    name = await database.fetchval(
        "select id from field_source where subject = $1 and field = 'name'", told.institution
    )
    with pytest.raises(Refused):
        await restore_value("institution", told.institution, name, actor=told.partner)
    await restore_value("institution", told.institution, name, actor=told.coordinator)
    assert await database.fetchval("select name from institution where id = $1", told.institution) == "Fundacja Most"


async def test_a_word_that_was_retired_meanwhile_cannot_be_brought_back(
    database: asyncpg.Connection, told: Told
) -> None:
    await database.execute(
        """insert into field_source (id, subject_kind, subject, field, before, value, source, at)
        values ($1, 'offer', $2, 'needs', '["dawna"]', '["zadluzenie"]', 'partner', $3)""",
        new_id(),
        told.offer,
        clock.now(),
    )
    gone = await database.fetchval("select id from field_source where field = 'needs' order by at desc limit 1")
    with pytest.raises(Refused) as refusal:
        await restore_value("offer", told.offer, gone, actor=told.partner)
    assert [problem.field for problem in refusal.value.problems] == ["needs"]


async def test_where_edits_wait_a_restored_value_waits_too(database: asyncpg.Connection, told: Told) -> None:
    await database.execute("update institution set edits_wait = true where id = $1", told.institution)
    saved = await restore_version("offer", told.offer, told.moments[0], actor=told.partner)
    assert saved.waits
    assert await database.fetchval("select title from offer where id = $1", told.offer) == "Porady"


@pytest.mark.parametrize(
    "sent",
    [{}, {"line": "x"}, {"moment": "wczoraj"}, {"moment": "2026-01-01"}, {"moment": "\x00"}, {"line": "1" * 999}],
)
async def test_forged_wishes_are_refused(web: httpx.AsyncClient, told: Told, sent: dict[str, str]) -> None:
    await sign_in_as(web, told.institution, "partner_editor")
    assert (await web.post(f"/my-offers/{told.offer}/history", data=sent)).status_code == 422


async def test_through_pages_back_and_forth(web: httpx.AsyncClient, database: asyncpg.Connection, told: Told) -> None:
    await sign_in_as(web, told.institution, "partner_editor")
    url = f"/my-offers/{told.offer}/history"
    page = (await web.get(url)).text
    moments = re.findall(r'name="moment" value="([^"]+)"', page)
    assert len(moments) == 2
    answer = await web.post(url, data={"moment": moments[-1].replace("&#43;", "+")}, follow_redirects=True)
    assert "Przywrócono." in answer.text
    assert "Przywrócono wcześniejszą wartość." in answer.text
    assert await database.fetchval("select title from offer where id = $1", told.offer) == "Prawnik za darmo"
    for other in (f"/institutions/{told.institution}/history", "/my-offers"):
        assert (await web.get(other)).status_code == 200
