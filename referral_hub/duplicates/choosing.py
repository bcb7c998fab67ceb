"""Which of two values stays when two entries become one, and whether they may become one at all. Pure."""

from collections.abc import Mapping
from typing import Any, Final, Literal
from uuid import UUID

from msgspec import Struct

from referral_hub.institutions.source_ranks import Ranks

Side = Literal["kept", "merged"]

FIELDS: Final = ("name", "short_name", "kind", "description", "terc", "language", "reached_by", "edits_wait")
"""What both entries say of themselves, and one value stays."""
_EMPTY: Final = ("", None)


class Choice(Struct, frozen=True):
    """One field of both entries: the values, whose word each is, which stays, and whether anybody has to think."""

    field: str
    kept: Any
    merged: Any
    kept_source: str
    merged_source: str
    stays: Side

    @property
    def differs(self) -> bool:
        """Both say something, and not the same."""
        return self.kept != self.merged and self.kept not in _EMPTY and self.merged not in _EMPTY


def choices(
    kept: Mapping[str, Any],
    merged: Mapping[str, Any],
    sources: Mapping[tuple[UUID, str], str],
    kinds: Mapping[str, str],
    ranks: Ranks,
) -> list[Choice]:
    """Every field with what stays by default: the value of the source believed first, else the kept entry's.

    `sources`: (entry, field) → who gave the value; `kinds`: name of an import → kind of the register.
    """
    found = []
    for field in FIELDS:
        ours, theirs = sources.get((kept["id"], field), ""), sources.get((merged["id"], field), "")
        side = _default(field, kept[field], merged[field], kinds.get(ours, ours), kinds.get(theirs, theirs), ranks)
        found.append(Choice(field, kept[field], merged[field], ours, theirs, side))
    return found


def _default(field: str, ours: Any, theirs: Any, our_kind: str, their_kind: str, ranks: Ranks) -> Side:
    if theirs in _EMPTY or ours == theirs:
        return "kept"
    if ours in _EMPTY:
        return "merged"
    if field == "edits_wait":
        # Whose hands nobody has met yet does not change by their entry becoming part of a trusted one.
        return "merged" if theirs else "kept"
    if field in ("reached_by", "language"):
        return "kept"
    return "merged" if ranks.rank(field, their_kind) < ranks.rank(field, our_kind) else "kept"


def refusal(kept: Mapping[str, Any], merged: Mapping[str, Any]) -> str:
    """Why these two cannot become one, as a code; '' where they can."""
    if kept["id"] == merged["id"]:
        return "merge_with_itself"
    if "merged" in (kept["status"], merged["status"]):
        return "merged_meanwhile"
    if kept["status"] == "archived":
        return "merge_into_archived"
    if merged["club"]:
        return "merge_of_club"
    return ""
