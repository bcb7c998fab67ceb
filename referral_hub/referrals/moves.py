"""Which moves are open to whom, and what a move may not do: the readers of the TABLE. Pure.

A refusal is a `MoveRefused` code: `move_unknown`, `move_belongs_to_clock`, `move_belongs_to_others` (yours to
see, not to do: 403), `move_is_not_open` (not from this state), `channel_not_open`, or a condition's name.
"""

from collections.abc import Iterator

from msgspec import Struct

from referral_hub.referrals.conditions import Facts, code_of, word_is_the_persons
from referral_hub.referrals.lifecycle import TABLE, Row
from referral_hub.referrals.states import OF_THE_CLOCK, Channel, Party, State, To, Verb


class MoveRefused(Exception):
    """The table says no; `code` names why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def _index() -> dict[tuple[Verb, State, Party], Row]:
    index: dict[tuple[Verb, State, Party], Row] = {}
    for row in TABLE:
        for state in row.start:
            cell = (row.verb, state, row.by)
            if cell in index:
                raise ValueError(f"rows {index[cell].number} and {row.number} claim {cell}")
            index[cell] = row
    return index


INDEX = _index()
_VERBS_OF = {(row.verb, row.by) for row in TABLE}
_OF_RECEIVER = frozenset({Channel.PHONE, Channel.PAPER})
_SAID = {verb.value: verb for verb in Verb if verb is not Verb.CREATE}
_PARS_BY_SENDER = frozenset({Verb.WITHDRAW, Verb.WITHDRAW_CONSENT})


def speaks_as(standing: Party, verb: Verb, channel: Channel) -> Party:
    """Whose move it is when `standing` says it came by `channel`.

    The sender records the receiver's answers by phone or paper, and the participant's own word; who takes an
    appointment that the receiver's timetable offers makes the receiver's move, and so does a caseworker who takes a
    person on for the own house.
    """
    if channel is Channel.SELF:
        return standing
    if standing is Party.SND and channel in _OF_RECEIVER:
        return Party.RCV
    if channel is Channel.TIMETABLE and verb is Verb.SCHEDULE and standing in (Party.SND, Party.RCV):
        return Party.RCV
    if channel is Channel.HOUSE and verb is Verb.ACCEPT and standing in (Party.SND, Party.RCV):
        return Party.RCV
    if standing is Party.SND and verb in _PARS_BY_SENDER:
        return Party.PAR
    if standing is Party.SND and verb in (Verb.DELIVER, Verb.FAIL):
        return Party.SND
    raise MoveRefused("channel_not_open")


def verb_of(word: str) -> Verb:
    """The move a word names. Raises MoveRefused `move_unknown`; a draft is made otherwise (`drafts.py`)."""
    try:
        return _SAID[word]
    except KeyError:
        raise MoveRefused("move_unknown") from None


def find(verb: str, state: State, party: Party) -> Row:
    """The one row of a cell. Raises MoveRefused with the reason why there is none."""
    wanted = verb_of(verb)
    if wanted in OF_THE_CLOCK and party is not Party.SYS:
        raise MoveRefused("move_belongs_to_clock")
    row = INDEX.get((wanted, state, party))
    if row is not None:
        return row
    if (wanted, party) not in _VERBS_OF:
        raise MoveRefused("move_belongs_to_others")
    raise MoveRefused("move_is_not_open")


def refusals(row: Row, facts: Facts) -> list[str]:
    """The codes of all conditions that do not hold now, in the row's order (fields are not looked at)."""
    return [code_of(condition) for condition in row.conditions if not condition(facts)]


def field_refusals(row: Row, facts: Facts) -> list[str]:
    """The codes of all checks that do not hold for the fields given."""
    return [code_of(check) for check in row.checks if not check(facts)]


class OpenMove(Struct, frozen=True):
    """A move somebody may make now, and the channels it can be recorded by."""

    row: Row
    channels: tuple[Channel, ...]


def _voices(standing: Party) -> Iterator[tuple[Party, tuple[Channel, ...]]]:
    yield standing, (Channel.SELF,)
    if standing is Party.SND:
        yield Party.RCV, (Channel.PHONE, Channel.PAPER)
        yield Party.PAR, (Channel.PERSON,)


def moves_open(state: State, standing: Party, facts: Facts) -> list[OpenMove]:
    """What `standing` may do now, own moves first, then those it may record for others."""
    found: list[OpenMove] = []
    for party, channels in _voices(standing):
        for row in TABLE:
            if row.by is not party or state not in row.start or refusals(row, facts):
                continue
            if word_is_the_persons in row.checks:
                channels_of_row: tuple[Channel, ...] = (Channel.PERSON,)
            else:
                channels_of_row = channels
            found.append(OpenMove(row, channels_of_row))
    return found


class Step(Struct, frozen=True):
    """A move that may be made: its row and the state afterwards."""

    row: Row
    after: State


def move(verb: str, state: State, standing: Party, facts: Facts, before_cancel: State | None = None) -> Step:
    """Decide one move. Raises MoveRefused with the first reason against it.

    `before_cancel` is the state before `cancel_requested`, where `keep` returns to.
    """
    named = verb_of(verb)
    row = find(named, state, speaks_as(standing, named, facts.channel))
    for reasons in (refusals, field_refusals):
        for code in reasons(row, facts):
            raise MoveRefused(code)
    return Step(row, destination(row, state, facts, before_cancel))


def destination(row: Row, state: State, facts: Facts, before_cancel: State | None) -> State:
    """The state after `row`. Raises ValueError where `keep` does not know what came before."""
    if isinstance(row.to, State):
        return row.to
    if row.to is To.BEFORE:
        if before_cancel is None:
            raise ValueError("the state before cancel_requested is not known")
        return before_cancel
    if row.to is To.VOID_BY_TWO and facts.second_person != "needed":
        return State.VOID
    return state
