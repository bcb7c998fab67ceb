"""Drafts of the own fixture registers: invented content, every defect that real files have."""

from datetime import date
from functools import cache
from pathlib import Path

from referral_hub.exchange.actions import read_register
from referral_hub.exchange.drafts import RowDraft
from referral_hub.exchange.registers.parts import Drafts

REGISTERS = Path(__file__).resolve().parent.parent / "fixtures" / "registers"
FILES = {"support-institutions": "support.csv", "rjps": "rjps.csv", "capacity": "capacity.csv"}
TODAY = date(2026, 11, 23)


@cache
def drafts(kind: str) -> Drafts:
    """The fixture of a kind, read."""
    return read_register(REGISTERS / FILES[kind], kind, TODAY)[1]


def row(kind: str, id_: str) -> RowDraft:
    """One row by its id."""
    return next(one for one in drafts(kind).rows if one.id == id_)


def codes_at(kind: str, line: int) -> list[str]:
    """What was doubtful about the record at a line."""
    return [problem.code for problem in drafts(kind).problems if problem.line == line]
