"""What must be true of a network after every step, asked of the database and of the pure modules."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.directory import places as pure
from referral_hub.referrals.line import Waiting, in_order
from referral_hub.referrals.queries import referral
from referral_hub.referrals.states import FINAL
from referral_hub.referrals.waiting import waiting_at

_TASKS = """select t.*, q.priority, last.verb as last_verb, last.after as last_after, last.version as last_version,
 (select count(*) from task_event e where e.task = t.id and e.verb <> 'leave') as moves,
 exists (select 1 from task_event e where e.task = t.id and e.facts->>'out_of_order' is not null) as early
from referral_task t join referral_request q on q.id = t.request
join lateral (select e.verb, e.after, e.version from task_event e where e.task = t.id and e.verb <> 'leave'
 order by e.version desc limit 1) last on true
where t.offer = any($1) order by t.id"""
_HOLDS = "select task, offer, state, ends_on from hold where offer = any($1)"
_COUNTERS = "select offer, free, held, taken_since from offer_places where offer = any($1)"
_KEPT = "select id, task, offer, place, offered_at, ends_on, answer from place_offered where offer = any($1)"
_SEEN = """select id, held_back, sent_at, no_data, receiver from referral_task where offer = any($1)"""
_PEOPLE = "select id from participant"
_AFTER_THE_END = {"declined": "own_record", "delivered": "own_record", "not_delivered": "own_record"}
_LEAVES_THE_LINE = {"accept", "decline", "withdraw", "withdraw_consent", "void"}


class Told(Struct, frozen=True):
    """A number told of an offer, as the model counts it."""

    id: UUID
    free: int
    by: Actor
    at: datetime
    number: int
    taken_before: int


class Truths:
    """The pure counters beside the database's, and everything else that must hold."""

    def __init__(self, offers: list[UUID]) -> None:
        self.offers = offers
        self.model = [pure.Places() for _ in offers]
        self.numbers: list[list[Told]] = [[] for _ in offers]
        self.hold: dict[UUID, tuple[str, int]] = {}  # task → state, number of the reading it was taken under
        self.tasks: list[Mapping[str, Any]] = []
        self.kept: dict[UUID, UUID] = {}
        self.offered: set[UUID] = set()
        self.waiting: set[UUID] = set()
        self.early = 0

    def told(self, which: int, made: UUID, free: int, by: Actor, at: datetime) -> None:
        before = self.model[which]
        self.model[which] = pure.report(before, free)
        self.numbers[which].append(Told(made, free, by, at, self.model[which].reading, before.taken))

    def last_told(self, which: int) -> Told | None:
        return self.numbers[which][-1] if self.numbers[which] else None

    def untold(self, which: int) -> None:
        gone = self.numbers[which].pop()
        last = self.last_told(which)
        free, number = (last.free, last.number) if last else (None, 0)
        self.model[which] = pure.undo(self.model[which], free, number, gone.taken_before)

    async def institutions(self) -> dict[UUID, UUID]:
        async with transaction(SYSTEM, by_key=True) as sql:
            rows = await sql.fetch("select id, institution from offer where id = any($1)", self.offers)
        return {row["id"]: row["institution"] for row in rows}

    async def ask(self, receivers: Sequence[Actor], step: object) -> None:
        """Everything, after one step."""
        async with transaction(SYSTEM, by_key=True) as sql:
            before = {row["id"]: row["version"] for row in self.tasks}
            self.tasks = await sql.fetch(_TASKS, self.offers)
            holds = await sql.fetch(_HOLDS, self.offers)
            kept = await sql.fetch(_KEPT, self.offers)
            counters = {row["offer"]: row for row in await sql.fetch(_COUNTERS, self.offers)}
            self.sums_are_the_pure_ones(holds, counters, step)
            self.no_hold_outlives_its_task(holds, kept)
            await self.the_line_is_kept(sql, kept, step)
        self.history_and_version_agree()
        self.access_is_what_the_table_says()
        self.nobody_waiting_has_vanished()
        changed = {row["id"] for row in self.tasks if before.get(row["id"]) != row["version"]}
        for receiver in receivers:
            await self.receiver_sees_no_more_than_it_may(receiver, changed)

    def sums_are_the_pure_ones(self, holds: Sequence[Any], counters: Mapping[UUID, Any], step: object) -> None:
        """Each hold that changed is one step of the pure arithmetic, which would refuse a place that is not there."""
        now = {row["task"]: (row["state"], self.offers.index(row["offer"])) for row in holds}
        assert len(now) == len(holds), "two holds of one task"
        moved = {
            task: (self.hold.get(task, ("freed", 0)), state, which)
            for task, (state, which) in now.items()
            if self.hold.get(task, ("freed", 0))[0] != state
        }
        for task, ((was, under), state, which) in sorted(moved.items(), key=lambda one: one[1][1] != "freed"):
            model = self.model[which]
            if state == "freed":
                after = pure.release(model) if was == "held" else pure.give_back(model, under)
            elif state == "held":
                assert was == "freed", (was, step)
                after = pure.hold(model)
            else:
                after = pure.take_held(model) if was == "held" else pure.take(model)
            self.model[which], self.hold[task] = after, (state, model.reading)
        for which, offer in enumerate(self.offers):
            found, model = counters[offer], self.model[which]
            sums = (found["free"], found["held"], found["taken_since"])
            assert sums == (model.reported, model.holds, model.taken), (which, step)
            assert found["held"] == sum(state == "held" and at == which for state, at in now.values())
            assert (pure.free_now(model) or 0) >= 0

    def no_hold_outlives_its_task(self, holds: Sequence[Any], kept: Sequence[Any]) -> None:
        """No hold on a final task; on the waiting list a hold and an open kept place are one."""
        state_of = {row["id"]: row["state"] for row in self.tasks}
        held = {row["task"]: row for row in holds if row["state"] != "freed"}
        open_now = {row["task"]: row for row in kept if not row["answer"]}
        assert len(open_now) == sum(not row["answer"] for row in kept), "two kept places of one task"
        for task, row in held.items():
            assert state_of[task] not in FINAL, state_of[task]
            assert state_of[task] != "waitlisted" or task in open_now
            assert row["state"] == "held" or row["ends_on"] is None
        for task, row in open_now.items():
            assert state_of[task] == "waitlisted", state_of[task]
            assert held[task]["state"] == "held"
            assert held[task]["ends_on"] == row["ends_on"]
        self.kept = {task: row["id"] for task, row in open_now.items()}

    async def the_line_is_kept(self, sql: asyncpg.Connection, kept: Sequence[Any], step: object) -> None:
        """Whoever is kept a place now: nobody before them in line was to be asked about it first."""
        fresh = [row for row in kept if row["id"] not in self.offered]
        self.offered |= {row["id"] for row in kept}
        for row in fresh:
            waiting = in_order(await waiting_at(sql, row["offer"]))
            for one in waiting[: next((n for n, one in enumerate(waiting) if one.task == row["task"]), 0)]:
                assert self._was_asked(one, row), (one, row, step)

    def _was_asked(self, one: Waiting, row: Mapping[str, Any]) -> bool:
        """It is kept another place, let this one pass, let one pass of late, or came when the place stood there."""
        if one.kept_until is not None or row["place"] in one.asked or one.passed_at is not None:
            return True
        last = self.last_told(self.offers.index(row["offer"]))
        first_of_its_place = row["place"] not in one.asked
        return first_of_its_place and (last is None or last.at < one.since)

    def history_and_version_agree(self) -> None:
        for row in self.tasks:
            assert row["version"] == row["last_version"] == row["moves"], row["last_verb"]
            assert row["state"] == row["last_after"], row["last_verb"]

    def access_is_what_the_table_says(self) -> None:
        for row in self.tasks:
            silent = row["no_data"] or row["sharing_ended"] or row["sent_at"] is None
            if silent:
                assert row["access"] == "none", row["state"]
            elif row["state"] in FINAL:
                assert row["access"] == _AFTER_THE_END.get(row["state"], "none"), row["state"]
                assert (row["clock"], row["due_on"]) == ("", None)
            else:
                assert row["access"] in ("summary", "disclosed"), row["state"]

    def nobody_waiting_has_vanished(self) -> None:
        now = {row["id"]: row for row in self.tasks}
        for task in self.waiting:
            row = now[task]
            assert row["state"] == "waitlisted" or row["last_verb"] in _LEAVES_THE_LINE, row["last_verb"]
        self.early = sum(row["early"] for row in self.tasks)
        self.waiting = {task for task, row in now.items() if row["state"] == "waitlisted"}
        assert all(now[task]["waiting_since"] is not None for task in self.waiting)

    async def receiver_sees_no_more_than_it_may(self, receiver: Actor, changed: set[UUID]) -> None:
        """Row-level security and the page: nothing unsent, held back or another's; of whom sharing ended, nothing."""
        async with transaction(receiver.scope, by_key=True) as sql:
            seen = {row["id"] for row in await sql.fetch(_SEEN, self.offers)}
            people = {row["id"] for row in await sql.fetch(_PEOPLE)}
        told = [
            row
            for row in self.tasks
            if row["receiver"] == receiver.institution
            and not (row["sent_at"] is None or row["held_back"] or row["no_data"])
        ]
        assert seen == {row["id"] for row in told}
        open_now = {row["participant"] for row in told if row["access"] == "disclosed" and not row["sharing_ended"]}
        assert people == open_now
        for row in told:
            if row["id"] in changed and row["access"] in ("none", "own_record"):
                shown = (await referral(receiver, row["id"], open_person=False)).person
                assert set(shown) <= ({"case_code"} if row["access"] == "own_record" else set()), shown
