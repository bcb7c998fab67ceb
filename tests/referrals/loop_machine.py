"""A small network driven step by step through our own actions: requests, sister tasks, reroutes, holds, the waiting
list with its kept places, withdrawals, time, sendings taken back, two institutions that become one.

What each step must keep true is asked in `loop_truths.py`.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR, Actor
from referral_hub.accounts.links import actor_of_link, make_link
from referral_hub.caseload.undo import undo_sending
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.directory.actions import Said, report_reading, undo_reading
from referral_hub.directory.told_places import follow_places
from referral_hub.duplicates.actions import merge_institutions
from referral_hub.errors import HubError
from referral_hub.participants.actions import register
from referral_hub.referrals.actions import ask_also, draft, perform
from referral_hub.referrals.holding_back import let_go
from referral_hub.referrals.line import OUT_OF_ORDER
from referral_hub.referrals.moves import INDEX
from referral_hub.referrals.passing import pass_place
from referral_hub.referrals.standing import keep_told_places
from referral_hub.referrals.states import UNDER_WAY, Party, State, Verb
from referral_hub.referrals.sweep import run_clocks
from tests.build import actor_for, make_agreement, make_institution, make_offer
from tests.referrals.loop_steps import BASES, FAIR, MOVES
from tests.referrals.loop_truths import Truths
from tests.referrals.scene import CONSENT, Scene, make_scene


class Machine:
    """The network, what was told of its places, and the truths that are asked after each step."""

    def __init__(self, scene: Scene, offers: list[UUID], moment: datetime) -> None:
        self.scene, self.offers, self.moment = scene, offers, moment
        self.truths = Truths(offers)
        self.intakes: list[Actor] = []
        self.editors: list[Actor] = []
        self.people: list[UUID] = [scene.person]
        self.links: dict[UUID, Actor] = {}
        self.coordinators: list[Actor] = []
        self.merged = False

    async def do(self, step: tuple[Any, ...]) -> None:
        self.moment += timedelta(minutes=7)
        work: Callable[..., Awaitable[None]] = getattr(self, step[0])
        with clock.at(self.moment):
            await work(*step[1:])
        with clock.at(self.moment):
            await self.truths.ask(self.receivers(), step)

    def receivers(self) -> list[Actor]:
        return self.intakes[:1] if self.merged else self.intakes

    def intake(self, offer: UUID) -> Actor:
        return self.intakes[0 if self.merged or offer != self.offers[2] else 1]

    def task(self, number: int) -> Mapping[str, Any] | None:
        tasks = self.truths.tasks
        return tasks[number % len(tasks)] if tasks else None

    async def request(self, person: int, which: int, priority: str, how: int) -> None:
        offer, basis = self.offers[which], BASES[how % 4]
        made = await draft(
            actor=self.scene.caseworker,
            person=self.people[person],
            offer=offer,
            need="prawo",
            priority=priority,
            basis=basis,
            together=how == 5,
        )
        await self.send(made, hold_back=30 if how >= 4 else 0)

    async def send(self, task: UUID, *, hold_back: int = 0) -> None:
        text = {"text": "poczeka"}
        await fair(
            perform(
                task, actor=self.scene.caseworker, verb="send", version=1, fields=text, hold_back=hold_back
            )
        )  # fmt: skip

    async def wait(self, number: int) -> None:
        """Onto the waiting list, whoever has no answer yet."""
        asked = [row for row in self.truths.tasks if row["state"] in ("sent", "info_needed") and not row["held_back"]]
        if asked:
            await self.make(asked[number % len(asked)], next(move for move in MOVES if move[1] == "waitlist"))

    async def crowd(self, which: int) -> None:
        """Two people come onto the list of one offer."""
        for person, priority in enumerate(("ordinary", "priority")):
            before = {row["id"] for row in self.truths.tasks}
            await self.request(person, which, priority, 2)
            await self.truths.ask(self.receivers(), "crowd")
            for row in self.truths.tasks:
                if row["id"] not in before:
                    await self.make(row, next(move for move in MOVES if move[1] == "waitlist"))

    async def early(self, number: int) -> None:
        """A place becomes free at an offer where people wait, and the last of them is taken before the others."""
        waiting = [row for row in self.truths.tasks if row["state"] == "waitlisted"]
        if not waiting:
            return
        offer = waiting[number % len(waiting)]["offer"]
        await self.end(number, offer)
        last = max((row for row in waiting if row["offer"] == offer), key=lambda row: row["id"])
        await self.make(last, ("RCV", "accept", {"out_of_order": OUT_OF_ORDER[number % len(OUT_OF_ORDER)]}))

    async def end(self, number: int, offer: UUID | None = None) -> None:
        """Some help ends, and its place goes back."""
        under_way = [row for row in self.truths.tasks if row["state"] in UNDER_WAY and offer in (None, row["offer"])]
        if under_way:
            await self.make(under_way[number % len(under_way)], ("RCV", "fail", {"reason": "no_show"}))

    async def move(self, number: int, which: int) -> None:
        """One of the moves that the table opens from the task's state."""
        row = self.task(number)
        if row is None:
            return
        named = {"PHONE": "RCV", "PERSON": "SND"}
        state = State(row["state"])
        fit = [move for move in MOVES if (Verb(move[1]), state, Party(named.get(move[0], move[0]))) in INDEX]
        if fit:
            await self.make(row, fit[which % len(fit)])

    async def blunder(self, number: int, which: int) -> None:
        """Any move at all: refused by name, or made."""
        row = self.task(number)
        if row is not None:
            await self.make(row, MOVES[which])

    async def make(self, row: Mapping[str, Any], move: tuple[str, str, Mapping[str, object]]) -> None:
        party, verb, given = move
        fields = dict(given)
        if verb in ("waitlist", "hold"):
            fields["review_on"] = (clock.today() + timedelta(days=10)).isoformat()
        if verb in ("start", "deliver"):
            fields["date"] = clock.today().isoformat()
        actor, channel = self.scene.caseworker, "self"
        if party == "RCV":
            actor = self.intake(row["offer"])
        elif party == "COO":
            actor = self.coordinators[row["version"] % 2]
        elif party == "PAR":
            actor = self.links[row["participant"]]
        elif party in ("PHONE", "PERSON"):
            channel = party.lower()
        await fair(perform(row["id"], actor=actor, verb=verb, version=row["version"], fields=fields, channel=channel))

    async def sister(self, number: int, which: int) -> None:
        row = self.task(number)
        if row is None:
            return
        made = await fair(
            ask_also(
                row["request"], actor=self.scene.caseworker, offer=self.offers[which], basis=CONSENT, together=True
            )
        )  # fmt: skip
        if made is not None:
            await self.send(made)

    async def reroute(self, number: int, which: int) -> None:
        row = self.task(number)
        if row is None:
            return
        fields = {"offer": str(self.offers[which]), "basis": CONSENT}
        actor = self.scene.caseworker
        made = await fair(
            perform(row["id"], actor=actor, verb="reroute", version=row["version"], fields=fields)
        )  # fmt: skip
        if made is not None:
            await self.send(made)

    async def report(self, which: int, free: int) -> None:
        editor = self.editors[0 if self.merged or which < 2 else 1]
        made = await report_reading(self.offers[which], Said(free=free, as_of=self.moment), actor=editor)
        self.truths.told(which, made, free, editor, self.moment)

    async def undo(self, which: int) -> None:
        last = self.truths.last_told(which)
        if last is None or self.moment - last.at > timedelta(hours=24):
            return
        editor = self.editors[0] if self.merged else last.by
        await undo_reading(last.id, actor=editor)
        self.truths.untold(which)

    async def merge(self, which: int) -> None:
        if self.merged or which != 1:
            return
        other = (await self.truths.institutions())[self.offers[2]]
        await merge_institutions(self.scene.partner, other, actor=self.coordinators[0], why="to samo")
        self.merged = True

    async def sweep(self, which: int) -> None:
        """The round of the clocks twice on one day: the second finds nothing left to do."""
        await run_clocks()
        again = await run_clocks()
        assert not any(again[name] for name in ("holds", "kept", "expire", "agree_cancel", "escalate")), again

    async def leave(self, number: int, back: bool) -> None:
        held_back = [row for row in self.truths.tasks if row["held_back"]]
        row = held_back[number % len(held_back)] if held_back else self.task(number)
        if row is None:
            return
        if back:
            await fair(undo_sending(row["id"], actor=self.scene.caseworker, version=row["version"]))
        else:
            await let_go(row["id"])

    async def time(self, days: int) -> None:
        self.moment += timedelta(days=days)
        with clock.at(self.moment):
            await run_clocks()

    async def pass_(self, number: int) -> None:
        kept = sorted(self.truths.kept.items())
        row = self.task(number)
        if row is not None:
            task, place = kept[number % len(kept)] if kept else (row["id"], None)
            await fair(pass_place(task, place, actor=self.scene.caseworker))


setattr(Machine, "pass", Machine.pass_)


async def fair(work: Awaitable[Any]) -> Any:
    """The result of an action, or None where it was refused for a reason that may be."""
    try:
        return await work
    except HubError as refusal:
        codes = {refusal.code, *(problem.code for problem in refusal.problems)} - {"invalid"}
    if codes <= FAIR:
        return None
    raise AssertionError(codes)


async def make_machine() -> Machine:
    follow_places((keep_told_places,))
    moment = clock.now()
    with clock.at(moment):
        scene = await make_scene(free=None, keeps_place_on_hold=True)
        other = await make_institution("Fundacja Próbna bis")
        await make_agreement(other)
        offers = [scene.offer, await make_offer(scene.partner, disclosure="full"), await make_offer(other)]
        machine = Machine(scene, offers, moment)
        second = await register(actor=scene.caseworker, label="Drugi Próbny", sex="M", gmina="126301")
        machine.people.append(second.id)
        machine.intakes = [scene.intake, await actor_for(other, "partner_intake")]
        machine.editors = [await actor_for(scene.partner, "partner_editor"), await actor_for(other, "partner_editor")]
        machine.coordinators = [await actor_for(scene.club, "coordinator") for _ in range(2)]
        for person in machine.people:
            _, link = await make_link("p", by=SYSTEM, subject=person)
            machine.links[person] = actor_of_link(link)
        for which in range(3):
            await machine.report(which, which + 1)
    return machine


class Done:
    """What was done in all the runs of one test, for whoever asks."""

    def __init__(self) -> None:
        self.steps = self.moves = self.kept = self.tasks = self.early = 0

    def add(self, machine: Machine, steps: int) -> None:
        truths = machine.truths
        self.steps += steps
        self.tasks += len(truths.tasks)
        self.moves += sum(row["moves"] for row in truths.tasks)
        self.kept += len(truths.offered)
        self.early += truths.early

    def __str__(self) -> str:
        return (
            f"closed loop: {self.steps} steps, {self.moves} moves of {self.tasks} referrals,"
            f" {self.kept} places kept for people in line, {self.early} given before their turn"
        )


class _Over(Exception):
    """A run is over: nothing of it stays."""


async def run(steps: list[tuple[Any, ...]], done: Done) -> None:
    """Do the steps in a fresh network, beside nothing that an earlier run left: so each can be repeated alone."""
    with suppress(_Over):
        async with transaction(SYSTEM_ACTOR.scope):
            machine = await make_machine()
            for step in steps:
                await machine.do(step)
            done.add(machine, len(steps))
            raise _Over
