"""Real tables of free places: every reading kept as given, drawn, and what does not agree listed, never mended."""

import csv
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.directory.history import _COLUMNS, counted, doubtful_readings, history_of, line_of
from referral_hub.directory.history_chart import draw
from referral_hub.exchange.actions import import_file
from tests.build import make_institution, sign_in_as

pytestmark = pytest.mark.anyio
OWN = Path(__file__).parents[1] / "fixtures" / "registers" / "capacity.csv"
AS_GIVEN = {
    "miejsca": "maximum", "skierowanych": "referred", "umieszczonych": "allocated", "przyjetych": "arrived",
    "wolne": "free", "wolne_k": "free_women", "wolne_m": "free_men", "oczekujacych": "waiting",
    "czas_oczekiwania_dni": "waiting_days",
}  # fmt: skip
Numbers = tuple[tuple[str, int | None], ...]


def told_in(path: Path) -> Counter[tuple[str, Numbers]]:
    """(day, numbers) of every row of the file, read without the product's help."""
    found: Counter[tuple[str, Numbers]] = Counter()
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            numbers = {name: int(row[column]) if row[column].isdigit() else None for column, name in AS_GIVEN.items()}
            found[row["stan_na"], tuple(sorted(numbers.items()))] += 1
    return found


async def kept(sql: asyncpg.Connection) -> list[dict[str, Any]]:
    rows = await sql.fetch(f"select {_COLUMNS}, r.offer, false as in_force from capacity_reading r")
    return [dict(row) for row in rows]


def as_told(row: dict[str, Any]) -> tuple[str, Numbers]:
    day = row["as_of"].astimezone(clock.WARSAW).date().isoformat()
    return day, tuple(sorted((name, row[name]) for name in AS_GIVEN.values()))


async def drawn(offers: set[UUID]) -> int:
    """Marks in the pictures of all these offers."""
    charts = [draw((await history_of(offer, 1)).points, clock.now()) for offer in offers]
    return sum(len(chart.marks) for chart in charts)


async def marks_on_page(web: httpx.AsyncClient, offer: UUID) -> int:
    answer = await web.get(f"/offers/{offer}/history")
    assert answer.status_code == 200
    picture = answer.text.partition('<svg class="picture steps"')[2].partition("</svg>")[0]
    assert "style=" not in picture
    return picture.count('<path class="mark')


async def test_901_real_readings_are_kept_drawn_and_their_contradictions_listed(
    database: asyncpg.Connection, web: httpx.AsyncClient, shared: Path
) -> None:
    path = shared / "data" / "capacity" / "dps_malopolskie_wolne_miejsca.csv"
    await import_file(path, source="capacity", kind="capacity", actor=SYSTEM_ACTOR)
    rows = await kept(database)
    assert len(rows) == 901
    assert Counter(as_told(row) for row in rows) == told_in(path)
    assert {row["unit"] for row in rows} == {"bed"}
    by_offer = Counter(row["offer"] for row in rows)
    assert await drawn(set(by_offer)) == 901
    for offer, number in [*by_offer.most_common(1), by_offer.most_common()[-1]]:
        assert await marks_on_page(web, offer) == number
    codes = Counter(one.code for row in rows for one in line_of(row).against)
    assert codes["women_men_total"] == 12
    over = sum(
        count
        for (_, numbers), count in told_in(path).items()
        if max(dict(numbers)["allocated"] or 0, dict(numbers)["arrived"] or 0) > (dict(numbers)["maximum"] or 0)
    )
    assert codes["over_capacity"] == over == 21
    assert codes["queue_beside_vacancies"] == 140
    assert codes["arrived_over_allocated"] == 1
    doubtful = await doubtful_readings()
    assert doubtful
    await sign_in_as(web, await make_institution(), "coordinator")
    page = (await web.get("/readings/doubtful?source=imported")).text
    for code, number in counted(doubtful).items():
        assert f'<option value="{code}">' in page
        assert f"({number})" in page
    assert Counter(as_told(row) for row in await kept(database)) == told_in(path)


async def test_our_own_table_with_the_same_defects_is_kept_drawn_and_listed(
    database: asyncpg.Connection, web: httpx.AsyncClient
) -> None:
    await import_file(OWN, source="capacity", kind="capacity", actor=SYSTEM_ACTOR)
    rows = await kept(database)
    assert len(rows) == 7
    given = told_in(OWN)
    # One row has its day as 31.07.2026: the same day, written otherwise.
    assert sum(given[as_told(row)] or given["31.07.2026", as_told(row)[1]] for row in rows) == 7
    codes = Counter(one.code for row in rows for one in line_of(row).against)
    assert codes == {"over_capacity": 1, "women_men_total": 1, "queue_beside_vacancies": 2}
    by_offer = Counter(row["offer"] for row in rows)
    for offer, number in by_offer.items():
        assert await marks_on_page(web, offer) == number
    await sign_in_as(web, await make_institution(), "caseworker")
    page = (await web.get("/readings/doubtful")).text
    assert "Wolne dla kobiet (3) i dla mężczyzn (1) nie dają razem 2." in page
    assert "Zajętych 33, a miejsc 30." in page
    only = (await web.get("/readings/doubtful?code=over_capacity")).text
    assert "Zajętych 33" in only
    assert "Wolne dla kobiet (3)" not in only
