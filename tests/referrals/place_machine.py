"""A world of two offers driven step by step through our own actions, and beside it what the pure module says."""

from collections.abc import Awaitable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR, Actor
from referral_hub.directory import places as pure
from referral_hub.directory.actions import Said, report_reading, undo_reading
from referral_hub.directory.said import NUMBERS
from referral_hub.duplicates.actions import merge_institutions
from referral_hub.errors import Refused
from referral_hub.referrals.sweep import run_clocks
from tests.build import actor_for, make_agreement, make_institution, make_offer
from tests.referrals.scene import Scene, in_days, make_scene, rows

OFFERS, TASKS = 2, 4
WHICH = st.integers(0, OFFERS - 1)
TASK = st.integers(0, TASKS - 1)
SOURCES = ("declared", "reported", "imported")
STEP = st.one_of(
    st.tuples(st.just("report"), WHICH, st.integers(0, 3), st.integers(0, 3), st.sampled_from(SOURCES)),
    st.tuples(st.just("report"), WHICH, st.integers(1, 4), st.just(0), st.just("declared")),
    st.tuples(st.just("undo"), WHICH, st.booleans()),
    st.tuples(st.just("send"), TASK, WHICH, st.booleans()),
    st.tuples(st.sampled_from(["accept", "decline", "withdraw", "waitlist", "fail", "hold", "resume"]), TASK),
    st.tuples(st.just("accept"), TASK),
    st.tuples(st.just("pass"), st.sampled_from([1, 9, 45])),
    st.just(("merge",)),
)
FIELDS: dict[str, dict[str, object]] = {
    "waitlist": {"position": 1},
    "decline": {"reason": "no_capacity"},
    "withdraw": {"reason": "need_met_elsewhere"},
    "fail": {"reason": "no_show"},
    "hold": {"reason": "no_longer_possible"},
}
KEPT = f"id, offer, as_of, recorded_at, source, unit, {', '.join(NUMBERS)}, by_group::text, from_when, status, note"


async def refusal_of(work: Awaitable[object]) -> str:
    """The code with which an action refused; "" where it was done."""
    try:
        await work
    except Refused as refusal:
        return refusal.code
    return ""


class Machine:
    """The world, the model of each offer beside it, and the history from which the model follows."""

    def __init__(self, scene: Scene, offers: list[UUID], editors: list[Actor], moment: datetime) -> None:
        self.scene, self.offers, self.editors, self.moment = scene, offers, editors, moment
        self.model = [pure.Places() for _ in offers]
        self.told: list[list[dict[str, Any]]] = [[] for _ in offers]
        self.undone = [False for _ in offers]
        self.intakes: list[Actor] = []
        self.tasks: dict[int, UUID] = {}
        self.asked: dict[int, int] = {}
        self.hold: dict[int, tuple[str, int]] = {}  # task → (state, number of the reading it was taken under)
        self.ledger: dict[UUID, tuple[object, ...]] = {}
        self.rows = 0
        self.merged = False

    async def do(self, step: tuple[Any, ...]) -> None:
        self.moment += timedelta(minutes=7)
        with clock.at(self.moment):
            match step:
                case ("report", which, free, age, source):
                    await self.report(which, free, age, source)
                case ("undo", which, last):
                    await self.undo(which, last)
                case ("send", task, which, why):
                    await self.send(task, which, why)
                case ("pass", days):
                    await self.let_time_pass(days)
                case ("merge",):
                    await self.merge()
                case (verb, task):
                    await self.move(verb, task)

    async def report(self, which: int, free: int, age: int, source: str) -> None:
        as_of = self.moment - timedelta(days=age)
        told = Said(free=free, as_of=as_of, maximum=free + 1 if age else None)
        actor = {"declared": self.editors[which], "reported": self.scene.caseworker, "imported": SYSTEM_ACTOR}[source]
        reading = await report_reading(self.offers[which], told, actor=actor, source=source if age else None)
        self.rows += 1
        newest = all(one["as_of"] <= as_of for one in self.told[which] if not one["undone"])
        taken_before = self.model[which].taken if newest else 0
        self.told[which].append(
            {"id": reading, "free": free, "as_of": as_of, "by": actor, "undone": False, "number": 0,
             "taken_before": taken_before, "at": self.moment}
        )  # fmt: skip
        if newest:
            self.model[which] = pure.report(self.model[which], free)
            self.told[which][-1]["number"] = self.model[which].reading

    async def undo(self, which: int, last: bool) -> None:
        standing = [one for one in self.told[which] if not one["undone"]]
        if not standing:
            return
        ruling = max(standing, key=lambda one: (one["as_of"], one["at"]))
        chosen = ruling if last else standing[0]
        in_time = self.moment - chosen["at"] <= timedelta(hours=24)
        code = await refusal_of(undo_reading(chosen["id"], actor=chosen["by"]))
        expected = "not_the_latest_reading" if chosen is not ruling else "" if in_time else "too_late_to_undo"
        assert code == expected
        if code:
            return
        self.rows += 1
        chosen["undone"] = self.undone[which] = True
        left = [one for one in standing if one is not chosen]
        before = max(left, key=lambda one: (one["as_of"], one["at"]), default=None)
        if before is not None and before["number"] == 0:
            # One that came late and rules for the first time: put in force now, as if it had just been saved.
            before["number"] = self.late_number(which, before)
        free, number = (before["free"], before["number"]) if before else (None, 0)
        self.model[which] = pure.undo(self.model[which], free, number, chosen["taken_before"])

    def late_number(self, which: int, late: dict[str, Any]) -> float:
        """Between the numbers of those saved before and after it."""
        earlier = [one["number"] for one in self.told[which] if one["at"] < late["at"] and one["number"]]
        return max(earlier, default=0) + 0.5

    async def send(self, task: int, which: int, why: bool) -> None:
        if task in self.tasks:
            return
        made = await self.scene.draft(offer=self.offers[which])
        model = self.model[which]
        fits = pure.place_is_free(model)
        code = await refusal_of(self.scene.move(made, "send", {"text": "pilne"} if why else {}))
        assert code in {"", "no_place", "offer_is_sendable"}
        if code:
            # Nobody is turned away while a place is free, nor with a reason to send all the same.
            assert not why
            assert code != "no_place" or not fits
            return
        self.tasks[task], self.asked[task] = made, which
        if fits:
            self.model[which], self.hold[task] = pure.hold(model), ("held", 0)

    async def move(self, verb: str, task: int) -> None:
        made = self.tasks.get(task)
        if made is None:
            return
        which, (state, under) = self.asked[task], self.hold.get(task, ("", 0))
        model = self.model[which]
        fields = dict(FIELDS.get(verb, {}))
        if verb in {"waitlist", "hold"}:
            fields["review_on"] = in_days(10)
        by = self.scene.caseworker if verb == "withdraw" else self.intake(which)
        code = await refusal_of(self.scene.move(made, verb, fields, by=by))
        assert code in {"", "move_is_not_open", "no_place", "line_is_kept"}, code
        if code:
            return
        if verb == "accept":
            if state == "held":
                self.model[which], self.hold[task] = pure.take_held(model), ("taken", model.reading)
            elif model.reported is not None:
                self.model[which], self.hold[task] = pure.take(model), ("taken", model.reading)
        elif verb in {"decline", "withdraw", "waitlist", "fail"} and state in {"held", "taken"}:
            freed = pure.release(model) if state == "held" else pure.give_back(model, under)
            self.model[which], self.hold[task] = freed, ("freed", 0)

    def intake(self, which: int) -> Actor:
        return self.intakes[0 if self.merged else which]

    async def let_time_pass(self, days: int) -> None:
        """Holds lapse at the end of their day, unanswered referrals expire; the model follows what the rows say."""
        self.moment += timedelta(days=days)
        with clock.at(self.moment):
            await run_clocks()
        for task, made in self.tasks.items():
            state, _ = self.hold.get(task, ("", 0))
            now = await rows("select state from hold where task = $1", made)
            if state == "held" and now[0]["state"] == "freed":
                self.model[self.asked[task]] = pure.release(self.model[self.asked[task]])
                self.hold[task] = ("freed", 0)

    async def merge(self) -> None:
        if self.merged:
            return
        coordinator = await actor_for(self.scene.club, "coordinator")
        homes = await rows("select id, institution from offer where id = any($1)", self.offers)
        of = {row["id"]: row["institution"] for row in homes}
        await merge_institutions(of[self.offers[0]], of[self.offers[1]], actor=coordinator, why="to samo")
        self.merged = True
        self.editors[1] = self.editors[0]
        for one in self.told[1]:
            if one["by"].account != self.scene.caseworker.account and one["by"] is not SYSTEM_ACTOR:
                one["by"] = self.editors[0]

    async def follow_line(self) -> None:
        """A place that went back may be kept at once for somebody who waits: only if the sums have one."""
        held = {row["task"] for row in await rows("select task from hold where state = 'held'")}
        for task, made in self.tasks.items():
            if made in held and self.hold.get(task, ("", 0))[0] in ("", "freed"):
                which = self.asked[task]
                self.model[which], self.hold[task] = pure.hold(self.model[which]), ("held", 0)

    async def check(self, step: object) -> None:
        await self.follow_line()
        for which, offer in enumerate(self.offers):
            counter = await rows("select * from offer_places where offer = $1", offer)
            model = self.model[which]
            found = counter[0] if counter else {"free": None, "held": 0, "taken_since": 0, "reading": None}
            assert (found["free"], found["held"], found["taken_since"]) == (model.reported, model.holds, model.taken), (
                step
            )
            assert (pure.free_now(model) or 0) >= 0
            await self.check_holds(which, offer, found)
        await self.check_ledger()

    async def check_holds(self, which: int, offer: UUID, counter: Mapping[str, Any]) -> None:
        held = await rows("select * from hold where offer = $1", offer)
        assert sum(one["state"] == "held" for one in held) == counter["held"]
        ruling = await rows("select recorded_at from capacity_reading where id = $1", counter["reading"])
        since = ruling[0]["recorded_at"] if ruling else None
        taken = sum(one["state"] == "taken" and since is not None and one["taken_at"] > since for one in held)
        # Only an undo may leave more counted than there are: too few are sent then, never too many.
        assert counter["taken_since"] >= taken
        assert self.undone[which] or since is None or counter["taken_since"] == taken
        standing = [one for one in self.told[which] if not one["undone"]]
        newest = max(standing, key=lambda one: (one["as_of"], one["at"]), default=None)
        assert counter["reading"] == (newest["id"] if newest else None)

    async def check_ledger(self) -> None:
        """Every row that ever was is there as it was given, and nobody added one."""
        found: dict[UUID, tuple[object, ...]] = {
            row["id"]: tuple(row)
            for row in await rows(f"select {KEPT} from capacity_reading where offer = any($1)", self.offers)
        }
        assert len(found) == self.rows
        assert {key: found.get(key) for key in self.ledger} == self.ledger
        self.ledger = found
        told = {one["id"]: one["free"] for line in self.told for one in line}
        assert all(found[key][6] == free for key, free in told.items())


async def make_machine() -> Machine:
    moment = clock.now()
    with clock.at(moment):
        scene = await make_scene(free=None)
        other = await make_institution("Fundacja Próbna bis")
        await make_agreement(other)
        offers = [scene.offer, await make_offer(other)]
        editors = [await actor_for(scene.partner, "partner_editor"), await actor_for(other, "partner_editor")]
        machine = Machine(scene, offers, editors, moment)
        machine.intakes = [scene.intake, await actor_for(other, "partner_intake")]
    return machine


async def run(steps: list[tuple[Any, ...]]) -> None:
    machine = await make_machine()
    for step in steps:
        await machine.do(step)
        await machine.check(step)
