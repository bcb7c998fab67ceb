"""A CSV file of a register, read as it comes: any usual encoding and separator, bad lines set aside. Pure.

A record may span several physical lines inside quotation marks; `Record.line` is the first, from 1.
"""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from referral_hub.exchange.problems import FileRefused, ImportProblem

MEGABYTE = 1024 * 1024
MAX_MEGABYTES = 64
MAX_ROWS = 200_000
MAX_CELL = 50_000
MAX_LINES_OF_A_RECORD = 400
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SIGNATURES = (
    (b"PK\x03\x04", "a spreadsheet (XLSX)"),
    (b"\xd0\xcf\x11\xe0", "a spreadsheet (XLS)"),
    (b"%PDF", "a PDF"),
)


class Record(Struct, frozen=True):
    """One record: its first physical line and its cells by column name."""

    line: int
    cells: dict[str, str]


class Sheet(Struct, frozen=True):
    """Everything a file holds: good records, what was wrong with others, and how many records there were."""

    records: list[Record]
    problems: list[ImportProblem]
    read: int
    columns: tuple[str, ...]


def read_file(path: Path, columns: Sequence[str]) -> Sheet:
    """The sheet in a file; raises FileRefused for a file that is too large or cannot be opened."""
    try:
        if path.stat().st_size > MAX_MEGABYTES * MEGABYTE:
            raise FileRefused("too_large", limit=MAX_MEGABYTES)
        return read_sheet(path.read_bytes(), columns)
    except OSError as error:
        raise FileRefused("no_such_file") from error


def read_sheet(data: bytes, columns: Sequence[str]) -> Sheet:
    """Read CSV bytes that have at least `columns`. Raises FileRefused when the file as a whole is unusable."""
    if len(data) > MAX_MEGABYTES * MEGABYTE:
        raise FileRefused("too_large", limit=MAX_MEGABYTES)
    if not data.strip(b"\x00\xef\xbb\xbf \r\n\t"):
        raise FileRefused("empty_file")
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            raise FileRefused("not_text", kind=kind)
    problems: list[ImportProblem] = []
    lines = _decoded(data, problems)
    names, delimiter, first = _header(lines, columns, problems)
    return _sheet(lines, names, delimiter, first, problems)


def _decoded(data: bytes, problems: list[ImportProblem]) -> list[str]:
    """Physical lines; what is not UTF-8 in a mostly UTF-8 file stays as a surrogate, for its line."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        problems.append(ImportProblem(0, "warning", "", "", "encoding_utf16"))
        return _lines(data.decode("utf-16", errors="replace"))
    body = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return _lines(body.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    good, bad = _utf8_lines(body)
    if bad > good:
        try:
            text = body.decode("cp1250")
        except UnicodeDecodeError:
            text = body.decode("utf-8", errors="surrogateescape")
        else:
            problems.append(ImportProblem(0, "warning", "", "", "encoding_cp1250"))
        return _lines(text)
    return _lines(body.decode("utf-8", errors="surrogateescape"))


def _utf8_lines(body: bytes) -> tuple[int, int]:
    """How many lines with letters beyond ASCII are UTF-8, and how many are not."""
    good = bad = 0
    for line in body.split(b"\n"):
        if not line.isascii():
            try:
                line.decode("utf-8")
                good += 1
            except UnicodeDecodeError:
                bad += 1
    return good, bad


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _header(
    lines: list[str], columns: Sequence[str], problems: list[ImportProblem]
) -> tuple[tuple[str, ...], str, int]:
    """Column names, the delimiter and the index of the first line after the header."""
    start = next((number for number, line in enumerate(lines) if line.strip(' ,;|\t"')), None)
    if start is None:
        raise FileRefused("empty_file")
    wanted = {_plain(column): column for column in columns}

    def named(delimiter: str) -> tuple[str, ...]:
        cells = _cells(lines[start : start + 1], delimiter) or []
        return tuple(wanted.get(_plain(cell), cell.strip()) for cell in cells)

    delimiter = max(DELIMITERS, key=lambda one: len(set(named(one)) & set(columns)))
    names = named(delimiter)
    missing = [column for column in columns if column not in names]
    if missing:
        raise FileRefused("columns_missing", expected=", ".join(columns), missing=", ".join(missing))
    if twice := next((name for name in names if name and names.count(name) > 1), ""):
        raise FileRefused("column_twice", column=twice)
    if delimiter != ",":
        problems.append(ImportProblem(start + 1, "warning", "", "", "delimiter", {"found": DELIMITERS[delimiter]}))
    return names, delimiter, start + 1


def _plain(name: str) -> str:
    return "".join(name.strip().strip('\ufeff"').lower().split())


def _sheet(
    lines: list[str], names: tuple[str, ...], delimiter: str, first: int, problems: list[ImportProblem]
) -> Sheet:
    records: list[Record] = []
    read = 0
    for line, cells, fault in _records(lines, first, delimiter, len(names)):
        read += 1
        if read > MAX_ROWS:
            raise FileRefused("too_many_rows", limit=MAX_ROWS)
        if fault is None:
            records.append(Record(line, {name: cell for name, cell in zip(names, cells, strict=False) if name}))
        else:
            problems.append(fault)
    return Sheet(records, problems, read, names)


def _records(
    lines: list[str], first: int, delimiter: str, width: int
) -> Iterator[tuple[int, list[str], ImportProblem | None]]:
    """Every record from line index `first`: (line, cells, None), or (line, [], the fault that rejects it).

    A quotation mark that is never closed would swallow the good lines after it: only its own line is given up.
    """
    index = first
    while index < len(lines):
        if not lines[index].strip(" \t"):
            index += 1
            continue
        end = _end_of_record(lines, index)
        text = "\n".join(lines[index : end or index + 1])
        cells = _cells([part + "\n" for part in text.split("\n")], delimiter)
        fault = (
            _fault(index + 1, text, cells, width)
            if end
            else ImportProblem(index + 1, "error", "", _shown(text), "quote_open")
        )
        if fault is not None and end is not None and end > index + 1:
            end = index + 1
        yield index + 1, [cell.strip() for cell in (cells or [])[:width]], fault
        index = end or index + 1


def _cells(lines: Sequence[str], delimiter: str) -> list[str] | None:
    """The cells of one record; None where one is longer than the reader takes (131,072 letters)."""
    try:
        return next(csv.reader(lines, delimiter=delimiter), [])
    except csv.Error:
        return None


def _end_of_record(lines: list[str], index: int) -> int | None:
    """The index after the last line of the record that starts at `index`; None when a quote stays open."""
    quotes = 0
    for end in range(index, min(index + MAX_LINES_OF_A_RECORD, len(lines))):
        quotes += lines[end].count('"')
        if quotes % 2 == 0:
            return end + 1
    return None


def _fault(line: int, text: str, cells: list[str] | None, width: int) -> ImportProblem | None:
    shown = _shown(text)
    if "\x00" in text:
        return ImportProblem(line, "error", "", shown, "nul")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        return ImportProblem(line, "error", "", shown, "not_utf8")
    if cells is None:
        return ImportProblem(line, "error", "", shown, "cell_too_long", {"limit": MAX_CELL})
    if len(cells) < width or any(cell.strip() for cell in cells[width:]):
        return ImportProblem(line, "error", "", shown, "cells", {"found": len(cells), "expected": width})
    if any(len(cell) > MAX_CELL for cell in cells):
        return ImportProblem(line, "error", "", shown, "cell_too_long", {"limit": MAX_CELL})
    return None


def _shown(text: str) -> str:
    """A short piece of a bad line that is safe to print."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text[:80])
