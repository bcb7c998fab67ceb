"""What a worklist is asked for besides its box: filters, and a search that never takes a name. Pure.

A name is found by its blind index only (`participants/finding.py`) and goes on as the person's id.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from msgspec import Struct

from referral_hub.search.polish import fold
from referral_hub.vocabularies import book

SIDES: Final = ("sent", "incoming")
PRIORITIES: Final = ("ordinary", "priority", "urgent")
MOST_WORDS: Final = 5
LONGEST: Final = 100
_BARE: Final = "translate(lower({column}), 'ąćęłńóśźż', 'acelnoszz')"
_HIT = f"""(number like ${{place}} or {{coded}}
 or offer in (select id from offer where {_BARE.format(column="title")} like ${{place}})
 or sender in (select id from institution where {_BARE.format(column="name")} like ${{place}})
 or receiver in (select id from institution where {_BARE.format(column="name")} like ${{place}}))"""  # noqa: S608 -- our own columns
_OWN: Final = "side <> 'incoming'"
_SHARED: Final = f"({_OWN} or access = 'own_record' or (access <> 'none' and not sharing_ended))"
_CODED = "({known} (lower(case_code) like ${place} or need = any(${needs})))"


class Asked(Struct, frozen=True, kw_only=True):
    """The filters of a list; empty ones let everything through. `words` is what was typed into the search.

    `tasks`: only these, as they were marked in a list.
    """

    side: str = ""
    need: str = ""
    priority: str = ""
    late: bool = False
    words: str = ""
    person: UUID | None = None
    tasks: tuple[UUID, ...] | None = None

    @property
    def searches(self) -> bool:
        """Whether something was looked for, so that all boxes count."""
        return bool(self.words.strip()) or self.person is not None or self.tasks is not None


def read_asked(asked: Mapping[str, str]) -> Asked:
    """The filters of an address; what is no filter of ours is left out."""
    try:
        person = UUID(asked.get("person", ""))
    except ValueError:
        person = None
    words = "".join(sign for sign in asked.get("q", "") if sign.isprintable())
    return Asked(
        side=asked.get("side", "") if asked.get("side") in SIDES else "",
        need=asked.get("need", "") if book.is_known("need", asked.get("need", "")) else "",
        priority=asked.get("priority", "") if asked.get("priority") in PRIORITIES else "",
        late=asked.get("late") == "1",
        words=words[:LONGEST],
        person=person,
    )


def asked_sql(asked: Asked, *, first: int, bound: bool, own_people: bool) -> tuple[str, list[object]]:
    """The condition on the columns of `seen`, and its values from `$first` on.

    Without `bound`, or once a person is no longer shared, an incoming referral is a number only: neither case code
    nor need finds it;
    a person is looked for only among `own_people`.
    """
    conditions: list[str] = ["true"]
    values: list[object] = []

    def place(value: object) -> str:
        values.append(value)
        return f"${first + len(values) - 1}"

    known = f"{_SHARED if bound else _OWN} and"
    if asked.side in SIDES:
        conditions.append(f"side = {place(asked.side)}")
    if asked.need:
        conditions.append(f"({known} need = {place(asked.need)})")
    if asked.priority in PRIORITIES:
        conditions.append(f"priority = {place(asked.priority)}")
    if asked.late:
        conditions.append("late and ended_at is null")
    if asked.tasks is not None:
        conditions.append(f"id = any({place(list(asked.tasks))})")
    if asked.person is not None:
        conditions.append(f"(side = 'sent' and participant = {place(asked.person)})" if own_people else "false")
    words = [plain for word in fold(asked.words).split() if (plain := _plain(word))]
    for word in words[:MOST_WORDS]:
        like = place(f"%{word}%").removeprefix("$")
        needs = place(_needs_called(word)).removeprefix("$")
        coded = _CODED.format(known=known, place=like, needs=needs)
        conditions.append(_HIT.format(place=like, coded=coded))
    return " and ".join(conditions), values


def _plain(word: str) -> str:
    """The word without the signs that mean something to `like`."""
    return word.replace("\\", "").replace("%", "").replace("_", "")


def _needs_called(word: str) -> list[str]:
    """The needs whose words hold this one, in any of our languages."""
    return [
        need.code
        for need in book.words("need")
        if any(word in fold(book.label("need", need.code, language)) for language in ("pl", "uk", "en"))
    ]
