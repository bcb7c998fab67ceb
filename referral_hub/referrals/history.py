"""The history of a task: one line a move, plain facts beside sealed words."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from referral_hub import clock
from referral_hub.database.columns import new_id, seal, to_json, unseal
from referral_hub.database.transaction import Scope
from referral_hub.database.writes import Write
from referral_hub.referrals.states import Channel, Party

_ADD = """insert into task_event (id, task, at, verb, before, after, party, channel, account, institution, version,
 facts, words_sealed) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"""


def history_line(
    *,
    task: UUID,
    verb: str,
    before: str,
    after: str,
    party: Party,
    channel: Channel,
    by: Scope,
    version: int,
    facts: Mapping[str, object] | None = None,
    words: Mapping[str, str] | None = None,
) -> Write:
    """One line, to be written with the change it tells of. `version` is the task's after the move."""
    move = (str(verb), str(before), str(after), party.value, channel.value)
    sealed = seal(msgspec.json.encode(dict(words)).decode()) if words else None
    values = (
        new_id(),
        task,
        clock.now(),
        *move,
        by.account,
        by.institution,
        version,
        to_json(dict(facts or {})),
        sealed,
    )
    return Write(_ADD, values)


def words_of(sealed: bytes | None) -> dict[str, str]:
    """The words of a line, opened."""
    return {} if sealed is None else msgspec.json.decode(unseal(sealed), type=dict[str, str])
