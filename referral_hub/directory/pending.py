"""A change that waits for the coordinator: what it changes, and what has moved under it meanwhile. Pure.

The public sees the approved values; whoever edits sees them with what waits laid over.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

KINDS = ("institution", "site", "offer")


class Pending(Struct, frozen=True):
    """One waiting edit. `changes`: field → wished value; `before`: what those fields were when it was typed."""

    id: UUID
    institution: UUID
    kind: str
    subject: UUID
    base_version: int
    changes: dict[str, Any]
    before: dict[str, Any]
    why: str
    made_at: datetime
    made_by: UUID | None
    state: str = "waiting"
    word: str = ""
    decided_at: datetime | None = None


def overlay(approved: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The approved values with what waits laid over them."""
    return {**approved, **changes}


def changed(approved: Mapping[str, Any], wished: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `wished` that differ from what is approved; lists of codes differ by what is in them."""
    return {field: value for field, value in wished.items() if not same(approved.get(field), value)}


def same(one: Any, other: Any) -> bool:
    """Whether two values say the same: the order of codes says nothing, an empty text is no value."""
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return sorted(map(str, one)) == sorted(map(str, other))
    return one == other or (one in ("", None) and other in ("", None))


def conflicts(now: Mapping[str, Any], pending: Pending) -> list[str]:
    """Fields whose approved value has moved since the change was typed, to something else than it wishes."""
    return [
        field
        for field, wish in pending.changes.items()
        if not same(now.get(field), pending.before.get(field)) and not same(now.get(field), wish)
    ]


def fingerprint(version: int, pending: Pending) -> str:
    """What a decision was looking at: another version or another wish has another one."""
    told = msgspec.json.encode([version, pending.changes, pending.base_version], order="deterministic")
    return hashlib.sha256(told).hexdigest()[:16]
