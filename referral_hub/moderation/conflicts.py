"""Where sources say different things of one field: what each says, and whether somebody has to settle it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from msgspec import Struct

from referral_hub.institutions.names import fold, one_line
from referral_hub.institutions.source_ranks import PEOPLE, Ranks

TRACKED: Final[Mapping[str, tuple[str, ...]]] = {
    "institution": ("name", "kind", "terc"),
    "contact": ("contacts",),
    "site": ("street", "post_code", "place", "hours_text"),
    "offer": ("title", "eligibility", "area"),
}
"""What registers say as well, by kind of subject; a contact's subject is its institution."""
_PHONES: Final = ("phone", "mobile", "helpline", "fax")
_OF_ENTRY: Final = {"phone": "contacts", "email": "contacts", "www": "contacts", "conditions": "eligibility"}

Key = tuple[str, UUID, str]
"""(kind of subject, subject, field)."""


class Say(Struct, frozen=True):
    """One source on one field: `source` partner, coordinator, caseworker or the name of an import; `kind` of register;
    `as_at` the register's own day, `at` when it was said here."""

    source: str
    kind: str
    value: Any
    at: datetime
    as_at: date | None = None


class Conflict(Struct, frozen=True):
    """A field on which somebody says otherwise than the directory shows. `first`: whom the ranks believe."""

    institution: UUID
    subject_kind: str
    subject: UUID
    field: str
    present: Any
    says: tuple[Say, ...]
    first: str

    @property
    def since(self) -> datetime:
        """When the latest of them spoke."""
        return max(say.at for say in self.says)


def raw_field(kind: str, subject: UUID, institution: UUID, field: str) -> Key:
    """An entry's field as registers know it: a phone is one of the institution's contacts."""
    field = _OF_ENTRY.get(field, field)
    return ("contact", institution, field) if field == "contacts" and kind == "institution" else (kind, subject, field)


def register_says(said: Mapping[str, Any], made: Mapping[str, Any], institution: UUID) -> Iterable[tuple[Key, Any]]:
    """What one row of a register says, field by field, of the institution and of the sites and offers it made."""
    told = said.get("institution")
    if not isinstance(told, Mapping):
        return
    for field in TRACKED["institution"]:
        yield ("institution", institution, field), told.get(field, "")
    contacts = said.get("contacts") or []
    yield (
        ("contact", institution, "contacts"),
        [[one["kind"], one["value"], one.get("extension", "")] for one in contacts],
    )
    for site, draft in zip(made.get("sites") or [], said.get("sites") or [], strict=False):
        for field in TRACKED["site"]:
            yield ("site", UUID(site), field), draft.get(field, "")
    offers = made.get("offers") or {}
    for draft in said.get("offers") or []:
        name = f"{draft['form']}|{draft['key']}" if draft.get("key") else draft["form"]
        if name in offers:
            for field in TRACKED["offer"]:
                yield ("offer", UUID(offers[name]), field), draft.get(field)


def differs(field: str, present: Any, said: Any) -> bool:
    """Whether a source says something else than what stands; silence never does, nor a contact that is there."""
    if said in (None, "", [], {}, ()):
        return False
    if field == "contacts":
        return not _contact_keys(said) <= _contact_keys(present)
    return bool(_plain(field, present) != _plain(field, said))


def contact_key(kind: str, value: str) -> tuple[str, str]:
    """What tells contacts apart: a number by its last nine digits, whatever kind of line it is."""
    if kind in _PHONES:
        return "phone", "".join(letter for letter in value if letter.isdigit())[-9:]
    return kind, fold(value).removeprefix("https://").removeprefix("http://").rstrip("/")


def _contact_keys(contacts: Sequence[Sequence[Any]]) -> set[tuple[str, str]]:
    return {contact_key(str(kind), str(value)) for kind, value, *_ in contacts or ()}


def _plain(field: str, value: Any) -> Any:
    if isinstance(value, str):
        return fold(one_line(value)).strip(" .")
    if isinstance(value, list | tuple):
        return sorted(str(one) for one in value)
    if isinstance(value, Mapping):
        return {name: one for name, one in value.items() if one not in (None, "", False)}
    return value


def find(
    institution: UUID,
    present: Mapping[Key, Any],
    people: Mapping[Key, Sequence[Say]],
    registers: Mapping[Key, Sequence[Say]],
    settled: Mapping[Key, Mapping[str, Any]],
    ranks: Ranks,
) -> list[Conflict]:
    """The fields of one institution that wait to be settled.

    `people` and `registers`: each source's latest word. A register counts where a person gave the value that stands;
    a person counts where the ranks believe them before whoever gave it. A field is settled while every source says
    what it said then.
    """
    found = []
    for key, said in people.items():
        kind, subject, field = key
        newest = max(said, key=lambda say: say.at)
        if key not in present or newest.source not in PEOPLE:
            continue
        others = [
            *(say for say in registers.get(key, ()) if differs(field, present[key], say.value)),
            *(
                say
                for say in said
                if say is not newest
                and ranks.rank(field, say.source) < ranks.rank(field, newest.source)
                and differs(field, present[key], say.value)
            ),
        ]
        if not others or settled.get(key) == words(registers.get(key, ()), said):
            continue
        every = sorted((*said, *registers.get(key, ())), key=lambda say: ranks.rank(field, say.kind or say.source))
        first = every[0].source
        found.append(Conflict(institution, kind, subject, field, present[key], tuple(every), first))
    return found


def words(registers: Iterable[Say], people: Iterable[Say]) -> dict[str, Any]:
    """Source → what it says: kept with a settlement, compared with what it says later.

    The person whose value is in force is left out: settling writes it anew.
    """
    heard = {say.source: say.value for say in registers}
    return heard | {say.source: say.value for say in people if say.source == "partner"}
