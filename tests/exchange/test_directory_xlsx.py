"""The directory as a spreadsheet: complete, dated, without formulas, without hidden addresses."""

from datetime import date
from pathlib import Path

import asyncpg
import openpyxl
import pytest
from msgspec import structs

from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.accounts.permissions import Permission
from referral_hub.exchange.actions import import_file
from referral_hub.exchange.directory_xlsx import export_directory
from referral_hub.exchange.problems import FileRefused
from tests.build import make_institution
from tests.exchange.rows import FILES, REGISTERS

pytestmark = pytest.mark.anyio


async def fill() -> None:
    for kind, file in FILES.items():
        await import_file(REGISTERS / file, source=kind, kind=kind, actor=SYSTEM_ACTOR)


def cells(path: Path) -> list[object]:
    book = openpyxl.load_workbook(path)
    return [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


async def test_every_published_institution_and_offer_is_there(database: asyncpg.Connection, tmp_path: Path) -> None:
    await fill()
    path = tmp_path / "katalog.xlsx"
    counts = await export_directory(path, actor=SYSTEM_ACTOR)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [*counts, "O pliku"]
    offers = await database.fetchval("select count(*) from offer where status = 'published'")
    assert counts["Oferty"] == offers == book["Oferty"].max_row - 1
    assert counts["Instytucje"] == await database.fetchval("select count(*) from institution")
    heading = [cell.value for cell in book["Oferty"][1]]
    assert heading[0] == "Oferta"
    by_title = [dict(zip(heading, [cell.value for cell in row], strict=True)) for row in book["Oferty"].iter_rows(2)]
    home = next(row for row in by_title if row["Instytucja"] and "Zmyślona 41" in row["Instytucja"])
    assert (home["Wolne miejsca"], home["Oczekujący"], home["Stan na dzień"].date()) == (0, 7, date(2026, 7, 31))
    assert home["Źródła"].startswith("capacity:")


async def test_a_hidden_address_is_for_staff_only(database: asyncpg.Connection, tmp_path: Path) -> None:
    await fill()
    path = tmp_path / "public.xlsx"
    await export_directory(path, actor=SYSTEM_ACTOR)
    assert not [value for value in cells(path) if "Cicha" in str(value)]
    assert "adres na zapytanie" in cells(path)
    staff = structs.replace(SYSTEM_ACTOR, by_role={"caseworker": frozenset({Permission.DIRECTORY_STAFF})})
    await export_directory(path, actor=staff)
    assert "ul. Cicha 1" in cells(path)


async def test_a_name_never_becomes_a_formula(database: asyncpg.Connection, tmp_path: Path) -> None:
    await make_institution("=1+1")
    path = tmp_path / "katalog.xlsx"
    await export_directory(path, actor=SYSTEM_ACTOR)
    book = openpyxl.load_workbook(path)
    assert [row[0].data_type for row in book["Instytucje"].iter_rows(2) if row[0].value == "=1+1"] == ["s"]


async def test_a_place_that_cannot_be_written_is_a_plain_error(database: asyncpg.Connection, tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="cannot be written"):
        await export_directory(tmp_path / "no" / "such" / "folder.xlsx", actor=SYSTEM_ACTOR)
