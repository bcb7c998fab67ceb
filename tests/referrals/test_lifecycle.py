"""Verb × state × party: every cell is one row, or refused by name; every condition refuses once."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from referral_hub.directory.freshness import Freshness
from referral_hub.participants.basis import Basis, Kind
from referral_hub.referrals import conditions
from referral_hub.referrals.conditions import Facts, code_of
from referral_hub.referrals.lifecycle import TABLE, Row
from referral_hub.referrals.moves import INDEX, MoveRefused, find, move, moves_open, speaks_as
from referral_hub.referrals.states import (
    FINAL,
    OF_THE_CLOCK,
    OPEN,
    Access,
    Channel,
    Clock,
    Party,
    Places,
    State,
    To,
    Verb,
)

NOW = datetime(2026, 5, 13, 10, tzinfo=UTC)
TODAY = date(2026, 5, 13)
RECEIVER = UUID(int=7)
CONSENT = Basis(kind=Kind.CONSENT, ground="zgoda", recipient=RECEIVER, fields=frozenset({"label"}), until=TODAY)
ALONE = Basis(kind=Kind.NO_DATA, ground="bez_danych", recipient=RECEIVER)
GOOD_FIELDS = {
    "question": "Czy osoba ma skierowanie?",
    "answer": "Tak.",
    "text": None,
    "position": 3,
    "date": TODAY,
    "review_on": TODAY + timedelta(days=7),
    "reason": "no_capacity",
    "attendance": "came",
    "outcome": "leczenie",
    "offer": RECEIVER,
}
NUMBERS = {str(number) for number in range(1, 31)} | {"17a", "22a"}


def good_facts(row: Row) -> Facts:
    """Facts in which every condition and check of the row holds."""
    fields = dict(GOOD_FIELDS)
    if row.verb is Verb.AMEND:
        fields["text"] = "pomyłka w dacie"
    late = conditions.receivers_time_is_over in row.conditions
    return Facts(
        now=NOW,
        channel=Channel.PERSON if conditions.word_is_the_persons in row.checks else Channel.SELF,
        fields=fields,
        basis=CONSENT,
        receiver=RECEIVER,
        freshness=Freshness.FRESH,
        capacity="capacity",
        available=2,
        ended_at=NOW - timedelta(days=20 if late else 2),
        escalate_on=TODAY - timedelta(days=1),
        expire_on=TODAY - timedelta(days=1),
    )


def test_the_table_has_all_thirty_moves() -> None:
    assert {row.number for row in TABLE} == NUMBERS


def test_every_cell_is_one_row_or_a_named_refusal() -> None:
    allowed = refused = 0
    codes: dict[str, int] = {}
    for verb in Verb:
        for state in State:
            for party in Party:
                rows = [row for row in TABLE if row.verb is verb and state in row.start and row.by is party]
                assert len(rows) <= 1, (verb, state, party)
                try:
                    found = find(verb, state, party)
                except MoveRefused as refusal:
                    assert not rows
                    refused += 1
                    codes[refusal.code] = codes.get(refusal.code, 0) + 1
                else:
                    assert rows == [found]
                    allowed += 1
    print(f"\nverb × state × party: {allowed + refused} cells, {allowed} allowed, {refused} refused: {codes}")
    assert allowed == len(INDEX)
    assert allowed + refused == len(Verb) * len(State) * len(Party)
    assert set(codes) == {
        "move_unknown",
        "move_belongs_to_clock",
        "move_belongs_to_others",
        "move_is_not_open",
    }


def test_every_cell_with_good_facts_makes_its_move() -> None:
    for (verb, state, party), row in INDEX.items():
        step = move(verb, state, party, good_facts(row), before_cancel=State.IN_PROGRESS)
        assert step.row is row
        assert step.after in State


def walked() -> list[tuple[Row, str, bool]]:
    return [(row, code_of(rule), rule in row.checks) for row in TABLE for rule in (*row.conditions, *row.checks)]


SPOIL = {
    "receiver_was_told": {"no_data": True},
    "sending_has_left": {"held_back": True},
    "sharing_goes_on": {"sharing_ended": True},
    "sharing_rests_on_consent": {"basis": replace(CONSENT, kind=Kind.STATUTE)},
    "sender_is_bound": {"sender_bound": False},
    "receiver_is_bound": {"receiver_bound": False},
    "offer_is_open": {"offer_open": False},
    "code_is_given": {"code_given": False},
    "no_place": {"available": 0},
    "nobody_else_is_asked": {"asked_elsewhere": True},
    "place_can_be_taken_again": {"available": 0, "place_freed": True},
    "appointment_has_come": {"appointment": TODAY + timedelta(days=1)},
    "amendment_is_in_time": {"ended_at": NOW - timedelta(days=15)},
    "receivers_time_is_over": {"ended_at": NOW - timedelta(days=13)},
    "grace_has_passed": {"expire_on": TODAY},
    "clock_has_run_out": {"escalate_on": TODAY},
    "basis_is_valid": {"basis": replace(CONSENT, recipient=UUID(int=8))},
    "criminal_data_rests_on_statute": {
        "basis": replace(CONSENT, fields=frozenset({"groups"})),
        "criminal_groups": True,
    },
    "offer_is_sendable": {"capacity": "no-capacity"},
    "word_is_the_persons": {"channel": Channel.SELF},
    "line_is_kept": {"passed_by": 1},
}
SPOIL_FIELDS: dict[str, dict[str, object]] = {
    "queue_is_described": {"position": None, "date": None},
    "other_reason_is_described": {"reason": "other"},
    "only_other_reason_is_described": {"text": "bo tak"},
    "review_date_is_ahead": {"review_on": TODAY},
    "review_date_is_near": {"review_on": TODAY + timedelta(days=13_000)},
    "appointment_is_near": {"date": TODAY + timedelta(days=13_000)},
    "result_is_not_ahead": {"date": TODAY + timedelta(days=1)},
    "something_is_amended": dict.fromkeys(("outcome", "reason", "date", "hours")),
}


@pytest.mark.parametrize(("row", "code", "check"), walked(), ids=lambda value: getattr(value, "number", str(value)))
def test_every_condition_refuses_by_its_name(row: Row, code: str, check: bool) -> None:
    facts = good_facts(row)
    if code in SPOIL_FIELDS:
        facts = replace(facts, fields={**facts.fields, **SPOIL_FIELDS[code]})
    else:
        facts = replace(facts, **SPOIL[code])
    for state in row.start:
        with pytest.raises(MoveRefused) as refusal:
            move(row.verb, state, row.by, facts, before_cancel=State.ACCEPTED)
        assert refusal.value.code == code


def test_every_condition_is_used_and_tried() -> None:
    written = {
        code_of(rule)
        for name, rule in vars(conditions).items()
        if callable(rule)
        and getattr(rule, "__module__", "") == conditions.__name__
        and name.islower()
        and name != "code_of"
    }
    assert written == {code for _, code, _ in walked()} == set(SPOIL) | set(SPOIL_FIELDS)


def test_the_clocks_verbs_cannot_be_called() -> None:
    for verb in OF_THE_CLOCK:
        for party in set(Party) - {Party.SYS}:
            with pytest.raises(MoveRefused, match="move_belongs_to_clock"):
                find(verb, State.SENT, party)


def test_final_states_open_only_amendment_and_reroute() -> None:
    verbs = {verb for (verb, state, _) in INDEX if state in FINAL}
    assert verbs == {Verb.AMEND, Verb.REROUTE}
    assert not [cell for cell in INDEX if cell[1] is State.VOID]


def test_every_end_stops_the_clock_frees_the_place_and_closes_the_view() -> None:
    for row in TABLE:
        if row.to in FINAL and State.DRAFT not in row.start:
            assert (row.places, row.clock) == (Places.FREE, Clock.STOP), row
            assert row.access in {Access.LOST, Access.STUB, Access.OWN_RECORD}, row


def test_every_open_state_can_end_by_its_parties() -> None:
    for state in OPEN:
        ends = {row.by for row in TABLE if state in row.start and (row.to in FINAL or row.to is To.VOID_BY_TWO)}
        assert ends & {Party.SND, Party.RCV}, state


def test_a_waiting_person_never_expires() -> None:
    with pytest.raises(MoveRefused, match="move_is_not_open"):
        find(Verb.EXPIRE, State.WAITLISTED, Party.SYS)


def test_withdrawn_consent_takes_the_view_at_once_before_acceptance_and_keeps_the_place_after() -> None:
    before = find(Verb.WITHDRAW_CONSENT, State.SENT, Party.PAR)
    after = find(Verb.WITHDRAW_CONSENT, State.IN_PROGRESS, Party.PAR)
    assert (before.to, before.access, before.places) == (State.WITHDRAWN, Access.LOST, Places.FREE)
    assert (after.to, after.access, after.places) == (To.SAME, Access.ENDED, Places.KEEP)


def test_the_sender_speaks_for_the_receiver_by_phone_and_for_the_person_by_word() -> None:
    assert speaks_as(Party.SND, Verb.ACCEPT, Channel.PHONE) is Party.RCV
    assert speaks_as(Party.SND, Verb.DECLINE, Channel.PAPER) is Party.RCV
    assert speaks_as(Party.SND, Verb.DELIVER, Channel.PERSON) is Party.SND
    assert speaks_as(Party.SND, Verb.WITHDRAW_CONSENT, Channel.PERSON) is Party.PAR
    for standing, verb, channel in (
        (Party.SND, Verb.ACCEPT, Channel.PERSON),
        (Party.RCV, Verb.ACCEPT, Channel.PHONE),
        (Party.COO, Verb.VOID, Channel.PHONE),
        (Party.PAR, Verb.WITHDRAW, Channel.PERSON),
    ):
        with pytest.raises(MoveRefused, match="channel_not_open"):
            speaks_as(standing, verb, channel)


def test_the_word_of_the_person_closes_what_was_sent_without_data() -> None:
    facts = Facts(now=NOW, basis=ALONE, no_data=True, receiver=RECEIVER, channel=Channel.PERSON, fields=GOOD_FIELDS)
    assert move("deliver", State.SENT, Party.SND, facts).after is State.DELIVERED
    told = {(one.row.verb, one.row.by) for one in moves_open(State.SENT, Party.SND, facts)}
    assert (Verb.DELIVER, Party.SND) in told
    assert not [cell for cell in told if cell[1] is Party.RCV]


def test_nobody_reports_by_the_persons_word_without_saying_so() -> None:
    row = find(Verb.DELIVER, State.ACCEPTED, Party.SND)
    with pytest.raises(MoveRefused, match="word_is_the_persons"):
        move("deliver", State.ACCEPTED, Party.SND, replace(good_facts(row), channel=Channel.SELF))


def test_open_moves_name_their_channels() -> None:
    facts = Facts(now=NOW, basis=CONSENT, receiver=RECEIVER, available=1)
    open_now = {(one.row.verb, one.row.by): one.channels for one in moves_open(State.ACCEPTED, Party.SND, facts)}
    assert open_now[Verb.DELIVER, Party.SND] == (Channel.PERSON,)
    assert open_now[Verb.DELIVER, Party.RCV] == (Channel.PHONE, Channel.PAPER)
    assert open_now[Verb.REQUEST_CANCEL, Party.SND] == (Channel.SELF,)
    assert open_now[Verb.WITHDRAW_CONSENT, Party.PAR] == (Channel.PERSON,)


def test_accept_is_not_offered_without_a_place_but_stays_with_the_own_hold() -> None:
    facts = Facts(now=NOW, basis=CONSENT, receiver=RECEIVER, available=0)
    assert Verb.ACCEPT not in {one.row.verb for one in moves_open(State.SENT, Party.RCV, facts)}
    held = replace(facts, own_hold=True)
    assert Verb.ACCEPT in {one.row.verb for one in moves_open(State.SENT, Party.RCV, held)}
    unread = replace(facts, available=None)
    assert Verb.ACCEPT in {one.row.verb for one in moves_open(State.SENT, Party.RCV, unread)}


def test_a_void_by_the_coordinator_waits_for_a_second_person() -> None:
    row = find(Verb.VOID, State.ACCEPTED, Party.COO)
    for second, after in (("needed", State.ACCEPTED), ("agreed", State.VOID), ("nobody", State.VOID)):
        step = move("void", State.ACCEPTED, Party.COO, replace(good_facts(row), second_person=second))
        assert step.after is after


def test_keep_returns_to_the_state_before() -> None:
    row = find(Verb.KEEP, State.CANCEL_REQUESTED, Party.SND)
    step = move("keep", State.CANCEL_REQUESTED, Party.SND, good_facts(row), before_cancel=State.ON_HOLD)
    assert step.after is State.ON_HOLD


@pytest.mark.parametrize("label", list(Freshness))
def test_stale_numbers_are_sent_to_only_with_a_reason(label: Freshness) -> None:
    facts = replace(good_facts(find(Verb.SEND, State.DRAFT, Party.SND)), freshness=label)
    stale = label in {Freshness.NOT_SUGGESTED, Freshness.CLOSED}
    assert conditions.offer_is_sendable(facts) is not stale
    assert conditions.offer_is_sendable(replace(facts, fields={"text": "dzwoniłam, jest miejsce"}))
