"""Every transition of the standards is one of our moves, or a written exception in docs/lifecycle.md."""

import json
import re
from pathlib import Path

from referral_hub.referrals.lifecycle import TABLE
from referral_hub.referrals.states import Party, State, To, fhir_status

DOC = Path(__file__).parents[2] / "docs" / "lifecycle.md"
PARTY = {"initiator": Party.SND, "recipient": Party.RCV, "requester": Party.SND, "target": Party.RCV}
OURS = {
    "draft": State.DRAFT,
    "received": State.SENT,
    "accepted": State.ACCEPTED,
    "rejected": State.DECLINED,
    "cancelled": State.WITHDRAWN,
    "completed": State.DELIVERED,
    "in-progress:5.1": State.IN_PROGRESS,
    "in-progress:5.1.1": State.SCHEDULED,
    "in-progress:5.1.2": State.SCHEDULED,
    "in-progress:5.1.3": State.ON_HOLD,
    "in-progress:5.1.4": State.IN_PROGRESS,
    "in-progress:5.2": State.CANCEL_REQUESTED,
}
# Where the document says that our state is another one than the literal translation.
STAYS = {"21": State.IN_PROGRESS, "26": State.IN_PROGRESS, "31": State.SCHEDULED}


def section(heading: str) -> dict[str, str]:
    """The lines of one table of the document: key → the rows column."""
    text = DOC.read_text(encoding="utf-8").split(f"| {heading} |", 1)[1].split("\n\n", 1)[0]
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()[2:]]
    return {key: rows for key, rows, *_ in lines}


def walk(start: State, rows: str, actors: set[Party]) -> State:
    """Follow rows like "19 request_cancel, 20 agree_cancel" through the TABLE; only named actors may step."""
    state, before = start, None
    for step in rows.split(","):
        number, verb = step.split()
        found = [
            row
            for row in TABLE
            if row.number == number and row.verb == verb and state in row.start and row.by in actors
        ]
        assert len(found) == 1, (state, step)
        if found[0].to is State.CANCEL_REQUESTED:
            before = state
        match found[0].to:
            case To.SAME:
                pass
            case To.VOID_BY_TWO:
                state = State.VOID
            case To.BEFORE:
                assert before is not None
                state = before
            case State() as after:
                state = after
    return state


def test_every_transition_of_bser_and_360x_is_ours_or_an_exception(shared: Path) -> None:
    standard = json.loads((shared / "standards" / "bser_360x_34_transitions.json").read_text(encoding="utf-8"))
    written = section("BSeR/360X")
    assert {move["tid"] for move in standard["transitions"]} == set(written)
    for move in standard["transitions"]:
        rows = written[move["tid"]]
        if rows == "–":
            continue
        reached = walk(OURS[move["from_"]], rows, {PARTY[move["actor"]]})
        assert reached == STAYS.get(move["tid"], OURS[move["to"]]), move["tid"]


def test_every_transition_of_sdoh_clinical_care_is_ours_or_an_exception(shared: Path) -> None:
    standard = json.loads((shared / "standards" / "sdohcc_task_machine.json").read_text(encoding="utf-8"))
    written = section("SDOH Clinical Care")
    wanted = {f"{move['from_']} → {move['to']}": move["actor"].split("|") for move in standard["transitions"]}
    error = standard["any_to"]
    wanted |= {f"{status} → {error}": ["requester"] for status in standard["statuses"] if status != error}
    assert set(written) == set(wanted)
    for name, rows in written.items():
        if rows == "–":
            continue
        before, after = name.split(" → ")
        actors = {PARTY[actor] for actor in wanted[name]} | ({Party.COO} if after == error else set())
        starts = [state for state in State if state is not State.CANCEL_REQUESTED and fhir_status(state) == before]
        first = rows.split(",")[0].split()[0]
        starts = [state for state in starts if any(row.number == first and state in row.start for row in TABLE)]
        assert starts, name
        for start in starts:
            assert fhir_status(walk(start, rows, actors)) == after, (name, start)


def test_exceptions_say_why() -> None:
    for heading in ("BSeR/360X", "SDOH Clinical Care"):
        text = DOC.read_text(encoding="utf-8").split(f"| {heading} |", 1)[1].split("\n\n", 1)[0]
        for line in text.splitlines():
            if re.search(r"\| – \|", line):
                assert len(line.strip("|").split("|")[2].strip()) >= len("as above")


def test_cancel_requested_keeps_the_earlier_status() -> None:
    assert fhir_status(State.CANCEL_REQUESTED, State.IN_PROGRESS) == "in-progress"
    assert fhir_status(State.CANCEL_REQUESTED, State.ACCEPTED) == "accepted"


def test_a_decline_after_acceptance_is_a_failure() -> None:
    assert fhir_status(State.DECLINED) == "rejected"
    assert fhir_status(State.DECLINED, accepted=True) == "failed"
