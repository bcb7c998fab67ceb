"""The cooperation page over HTTP: one set of figures in the picture, the matrix, the list and the file."""

import csv
import io
import re
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM, transaction
from tests.build import make_institution, make_offer, sign_in_as

pytestmark = pytest.mark.anyio
DAY = datetime(2026, 5, 4, 10, tzinfo=UTC)


async def refer(
    sql: asyncpg.Connection, sender: UUID, offer: UUID, times: int, *, state: str = "sent", day: datetime | None = DAY
) -> None:
    """Rows of referrals, straight into the tables: the moves have tests of their own."""
    receiver = await sql.fetchval("select institution from offer where id = $1", offer)
    person, code = new_id(), new_id().hex[-12:]
    async with transaction(SYSTEM):
        await sql.execute(
            """insert into participant (id, institution, case_code, label_sealed, label_index, made_at, last_used_at)
            values ($1, $2, $3, 'x', 'x', $4, $4)""",
            person,
            sender,
            code,
            clock.now(),
        )
        for _ in range(times):
            request = new_id()
            await sql.execute(
                """insert into referral_request (id, sender, participant, case_code, need, made_at)
                values ($1, $2, $3, 'T', 'praca', $4)""",
                request,
                sender,
                person,
                clock.now(),
            )
            await sql.execute(
                """insert into referral_task (id, number, request, participant, sender, receiver, offer, state, made_at,
                 sent_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
                new_id(),
                new_id().hex[-20:],
                request,
                person,
                sender,
                receiver,
                offer,
                state,
                clock.now(),
                day,
            )


@pytest.fixture
async def network(web: httpx.AsyncClient, database: asyncpg.Connection) -> UUID:
    """A club, an OPS and two receivers; 12 + 7 + 3 + 30 referrals."""
    club = await make_institution("KIS", kind="kis", club=True)
    ops = await make_institution("OPS", kind="ops")
    ngo = await make_offer(await make_institution("Fundacja", kind="ngo"))
    pup = await make_offer(await make_institution("PUP", kind="pup"), form="por_obywatelskie")
    await refer(database, ops, ngo, 12)
    await refer(database, ops, pup, 7, day=datetime(2025, 12, 31, 23, 30, tzinfo=UTC))
    await refer(database, club, pup, 3)
    await refer(database, club, ngo, 30)
    await refer(database, club, ngo, 2, state="void")
    await refer(database, club, ngo, 2, state="draft", day=None)
    await sign_in_as(web, club, "coordinator")
    return club


def cells(page: str) -> list[list[str]]:
    """The matrix as texts, its head row left out."""
    part = page[page.index('<table class="heat">') : page.index("</table>")]
    rows = re.findall(r"<tr>(.*?)</tr>", part, re.S)[1:]
    return [
        [re.sub(r"<[^>]+>|\s", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)]
        for row in rows
    ]


async def test_totals_equal_the_list_and_small_counts_are_hidden(web: httpx.AsyncClient, network: UUID) -> None:
    page = (await web.get("/cooperation")).text
    assert "52 zgłoszenia" in page
    matrix = cells(page)
    assert [row[-1] for row in matrix] == ["33", "19", "52"]
    assert [row[1:3] for row in matrix[:2]] == [["•ukryte", "•ukryte"], ["•ukryte", "•ukryte"]]
    assert matrix[2][1:] == ["42", "10", "52"]
    assert not re.search(r">\s*3\s*<", page[page.index("<main") :])


async def test_inside_the_club_every_count_can_be_asked_for(web: httpx.AsyncClient, network: UUID) -> None:
    page = (await web.get("/cooperation", params={"full": "1"})).text
    assert [row[1:] for row in cells(page)] == [["30", "3", "33"], ["12", "7", "19"], ["42", "10", "52"]]
    assert "tylko dla klubu" in page
    assert "flows.csv" not in page
    assert (await web.get("/cooperation/flows.csv", params={"full": "1"})).status_code == 403
    await sign_in_as(web, await make_institution("Inny KIS", kind="kis"), "coordinator")
    assert (await web.get("/cooperation", params={"full": "1"})).status_code == 403
    outside = await web.get("/cooperation")
    assert outside.status_code == 200
    assert "full=1" not in outside.text


async def test_the_file_says_what_the_page_says(web: httpx.AsyncClient, network: UUID) -> None:
    answer = await web.get("/cooperation/flows.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert 'filename="przeplywy.csv"' in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    page = cells((await web.get("/cooperation")).text)
    assert [[cell.replace("•", "") for cell in row[1:]] for row in page] == [row[1:] for row in rows[1:]]
    assert rows[0][0] == "Kto kieruje"
    assert rows[-1] == ["Razem", "42", "10", "52"]


async def test_period_is_counted_in_warsaw_and_form_filters(web: httpx.AsyncClient, network: UUID) -> None:
    # 23:30 UTC on the last day of December is already the new year in Warsaw.
    page = (await web.get("/cooperation", params={"period": "2026-1", "full": "1"})).text
    assert "7 zgłoszeń" in page
    # Published, it is hidden: beside the year's 10 it would give away the 3 of the club.
    page = (await web.get("/cooperation", params={"period": "2026-1"})).text
    assert "liczba zgłoszeń jest ukryta" in page
    page = (await web.get("/cooperation", params={"period": "2026", "form": "por_obywatelskie"})).text
    assert "10 zgłoszeń" in page
    page = (await web.get("/cooperation", params={"period": "1999"})).text
    assert "nie było zgłoszeń" in page
    assert (await web.get("/cooperation/flows.csv", params={"period": "1999"})).status_code == 200


async def test_each_node_leads_to_its_own_flows(web: httpx.AsyncClient, network: UUID) -> None:
    page = (await web.get("/cooperation")).text
    svg = page[page.index('<svg class="picture flows"') :]
    svg = svg[: svg.index("</svg>")]
    links = re.findall(r'<a href="([^"]+)#matrix"', svg)
    assert len(links) == 4
    assert "style=" not in svg
    one = await web.get(next(link for link in links if "from=ops" in link).replace("&amp;", "&"))
    assert [row[-1] for row in cells(one.text)] == ["19", "19"]
    assert 'href="/cooperation?"' in one.text or 'href="/cooperation"' in one.text


@pytest.mark.parametrize(
    "params", [{"period": "2026-9"}, {"period": "'; drop"}, {"form": "nie_ma"}, {"from": "nie_ma"}, {"to": "x" * 5000}]
)
async def test_an_odd_address_is_refused_plainly(web: httpx.AsyncClient, network: UUID, params: dict[str, str]) -> None:
    for path in ("/cooperation", "/cooperation/flows.csv"):
        assert (await web.get(path, params=params)).status_code == 422


async def test_only_the_coordinator_sees_the_network(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    assert (await web.get("/cooperation")).headers["location"].startswith("/sign-in")
    for role in ("caseworker", "partner_editor", "partner_intake", "admin"):
        await sign_in_as(web, await make_institution(), role)
        assert (await web.get("/cooperation")).status_code == 403
        assert (await web.get("/cooperation/flows.csv")).status_code == 403


async def test_an_empty_network_has_an_empty_page(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    await sign_in_as(web, await make_institution("KIS", kind="kis", club=True), "coordinator")
    page = await web.get("/cooperation")
    assert page.status_code == 200
    assert "0 zgłoszeń" in page.text
