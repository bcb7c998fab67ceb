"""CSV as it comes: encodings, separators, quotes, torn and merged lines."""

import pytest

from referral_hub.exchange.problems import FileRefused
from referral_hub.exchange.reading import MAX_CELL, read_sheet

COLUMNS = ("id", "nazwa", "adres")
GOOD = "id,nazwa,adres\n1,Żółty Dom,ul. Łąkowa 1\n2,Ósmy Dom,ul. Źródlana 2\n"


def codes(data: bytes) -> list[str]:
    return [problem.code for problem in read_sheet(data, COLUMNS).problems]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (GOOD.encode(), []),
        (b"\xef\xbb\xbf" + GOOD.encode(), []),
        (GOOD.encode("cp1250"), ["encoding_cp1250"]),
        (GOOD.encode("utf-16"), ["encoding_utf16"]),
        (GOOD.replace(",", ";").encode(), ["delimiter"]),
        (GOOD.replace(",", "\t").encode("cp1250"), ["encoding_cp1250", "delimiter"]),
        (GOOD.replace("\n", "\r\n").encode(), []),
        (GOOD.replace("\n", "\r").encode(), []),
        (("\n\n" + GOOD).encode(), []),
        (GOOD.replace("id,", " ID ,", 1).encode(), []),
        (GOOD.replace("\n", ",,\n").encode(), []),
    ],
    ids=["utf8", "bom", "cp1250", "utf16", "semicolons", "tabs", "crlf", "cr", "blank", "header-case", "empty-cells"],
)
def test_the_same_table_is_read_whatever_its_dress(data: bytes, expected: list[str]) -> None:
    sheet = read_sheet(data, COLUMNS)
    assert [problem.code for problem in sheet.problems] == expected
    assert [record.cells["nazwa"] for record in sheet.records] == ["Żółty Dom", "Ósmy Dom"]
    assert sheet.read == 2


def test_a_record_over_several_lines_is_named_by_its_first() -> None:
    sheet = read_sheet(b'id,nazwa,adres\n1,"a\nb\nc",x\n2,d,y\n', COLUMNS)
    assert [(record.line, record.cells["nazwa"]) for record in sheet.records] == [(2, "a\nb\nc"), (5, "d")]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (b"2,only two", "cells"),
        (b"2,a,b3,c,d", "cells"),
        (b"2,a\x00,b", "nul"),
        (b"2,\xff\xfe,b", "not_utf8"),
        (b'2,"never closed,b', "quote_open"),
        (b"2," + b"x" * (MAX_CELL + 1) + b",b", "cell_too_long"),
        (b"2," + b"x" * 200_000 + b",b", "cell_too_long"),
    ],
    ids=["torn", "merged", "nul", "bytes", "quote", "long", "longest"],
)
def test_a_bad_line_never_stops_the_good_ones(bad: bytes, code: str) -> None:
    data = "id,nazwa,adres\n1,Żółty,a\n".encode() + bad + "\n3,Ósmy,c\n4,Śliwa,d\n".encode()
    sheet = read_sheet(data, COLUMNS)
    assert [record.cells["id"] for record in sheet.records] == ["1", "3", "4"]
    (problem,) = sheet.problems
    assert (problem.line, problem.severity, problem.code) == (3, "error", code)
    assert sheet.read == 4
    assert problem.value.isprintable()


def test_a_record_torn_into_several_lines_gives_up_only_those_lines() -> None:
    sheet = read_sheet(b'id,nazwa,adres\n1,"a\nb",x,too,many\n2,d,y\n', COLUMNS)
    assert [record.cells["id"] for record in sheet.records] == ["2"]
    assert {problem.line for problem in sheet.problems} == {2, 3}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "import_empty_file"),
        (b"\xef\xbb\xbf\r\n \n", "import_empty_file"),
        (b"1,a,b\n2,c,d\n", "import_columns_missing"),
        (b"id,nazwa\n1,a\n", "import_columns_missing"),
        (b"id,id,nazwa,adres\n", "import_column_twice"),
        (b"PK\x03\x04rest", "import_not_text"),
        (b"%PDF-1.7", "import_not_text"),
    ],
)
def test_an_unusable_file_is_one_plain_error(data: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as caught:
        read_sheet(data, COLUMNS)
    assert caught.value.code == code
    assert str(caught.value).endswith(".")


def test_the_error_names_the_columns_that_were_expected() -> None:
    with pytest.raises(FileRefused, match=r"id, nazwa, adres.*Missing: adres"):
        read_sheet(b"id;nazwa;inne\n1;a;b\n", COLUMNS)


def test_too_large_a_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("referral_hub.exchange.reading.MAX_MEGABYTES", 0)
    with pytest.raises(FileRefused, match="too large"):
        read_sheet(GOOD.encode(), COLUMNS)


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("referral_hub.exchange.reading.MAX_ROWS", 1)
    with pytest.raises(FileRefused, match="more than 1 rows"):
        read_sheet(GOOD.encode(), COLUMNS)
