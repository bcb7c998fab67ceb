"""Whatever bytes and cells arrive: a report or one plain refusal, never anything else."""

from collections.abc import Mapping
from pathlib import Path

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.exchange.actions import REGISTERS as KINDS
from referral_hub.exchange.actions import import_file
from referral_hub.exchange.problems import FileRefused
from referral_hub.exchange.reading import Record, Sheet, read_sheet
from referral_hub.exchange.registers.gminy import Gminy
from referral_hub.geography.units import localities, units
from tests.exchange.rows import FILES, REGISTERS, TODAY

GMINY = Gminy(units().values(), localities(), "12")
PIECES = st.sampled_from(
    ["32-700 ", "ul. ", "Bochnia ", "12 345 67 89 ", "wew. 5 ", "fax ", "(", ")", "\n", "- ", "1. ", "oraz ", ", ",
     "tak ", "nie ", "poradnictwo ", "@", "a.b@c.example ", "całodobowo ", "|", ";", "Ż", "🙂", "\u202e", "0" * 40]
)  # fmt: skip
CELLS = st.one_of(st.lists(PIECES, max_size=12).map("".join), st.text(max_size=60))


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        sheet = read_sheet(b"id,nazwa\n" + data, ("id", "nazwa"))
    except FileRefused:
        return
    assert sheet.read == len(sheet.records) + sum(one.severity == "error" for one in sheet.problems)


@pytest.mark.parametrize("kind", list(KINDS))
@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_cells_become_a_draft_or_an_error(kind: str, data: st.DataObject) -> None:
    header = (REGISTERS / FILES[kind]).read_text(encoding="utf-8").split("\n", 1)[0].split(",")
    cells: Mapping[str, str] = {name: data.draw(CELLS) for name in header}
    sheet = Sheet([Record(2, dict(cells))], [], 1, tuple(header))
    found = KINDS[kind].read(sheet, GMINY, TODAY)
    errors = [problem for problem in found.problems if problem.severity == "error"]
    assert len(found.rows) == (0 if errors else 1)
    assert all(problem.sentence for problem in found.problems)


@pytest.mark.anyio
async def test_the_longest_and_strangest_cells_fit_the_database(database: asyncpg.Connection, tmp_path: Path) -> None:
    strange, nines = "🙂\u202eŻ" * 200, "9" * 400
    lines = {
        "support-institutions": f'"{strange}",OPS,limanowski,,,"{strange}","{strange} 32-700 {strange}",,,"{nines}",'
        f'"{strange}","{strange}","{strange}","{strange}",,,,,',
        "rjps": f'OPS,"{strange}",,limanowski,"{strange}","{strange}",,"{strange}","{strange}","{strange}",,'
        f'"https://x.example/{"a" * 400}","{"a" * 300}@x.example","{strange}",120706,49.7,20.4,x,"{strange}"',
        "capacity": f',2026-07-31,x,limanowski,"{strange}","{strange}",9999999,1,1,1,1,1,1,1,1',
    }
    for kind, line in lines.items():
        header = (REGISTERS / FILES[kind]).read_text(encoding="utf-8").split("\n", 1)[0]
        path = tmp_path / f"{kind}.csv"
        path.write_text(f"{header}\n{line}\n", encoding="utf-8")
        report = await import_file(path, source=kind, kind=kind, actor=SYSTEM_ACTOR)
        assert (report.read, report.created) == (1, 1), report.as_dict()
