"""Many people at once on real connections: no place is lost or given twice, and no deadlock reaches anybody."""

import asyncio
from collections import Counter
from collections.abc import Callable
from random import Random
from time import monotonic
from uuid import UUID

import pytest

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import retries
from referral_hub.errors import HubError
from referral_hub.referrals.actions import draft, perform
from referral_hub.referrals.line import OUT_OF_ORDER
from referral_hub.referrals.passing import pass_place
from referral_hub.referrals.standing import keep_standing_places
from referral_hub.referrals.states import FINAL, Verb
from tests.build import actor_for, make_agreement, make_institution, make_offer
from tests.referrals.loop_steps import STATUTE
from tests.referrals.scene import Scene, in_days, make_scene, rows
from tests.referrals.test_racers import scratch

pytestmark = pytest.mark.anyio
WORKERS, PARTNERS, EACH, PLACES = 64, 5, 4, 3
RECEIVED = ("accept", "accept", "accept", "waitlist", "waitlist", "decline", "fail", "deliver", "hold", "resume")
FINAL_STATES = sorted(state.value for state in FINAL)


class Hammer:
    """What the workers know of each other: the tasks made so far and the version they last saw."""

    def __init__(self, scene: Scene, offers: dict[UUID, Actor], seed: int) -> None:
        self.scene, self.offers, self.rng = scene, offers, Random(seed)
        self.tasks: list[tuple[UUID, UUID]] = []
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    async def work(self, until: float) -> None:
        while monotonic() < until:
            kind = self.rng.choice(("send", "receive", "receive", "receive", "withdraw", "pass", "sweep"))
            try:
                await getattr(self, kind)()
            except HubError as error:
                self.refused[error.code] += 1

    async def send(self) -> None:
        offer, sender = self.rng.choice(list(self.offers)), self.scene.caseworker
        facts = {"person": self.scene.person, "offer": offer, "need": "prawo", "basis": STATUTE}
        task = await draft(actor=sender, priority=self.rng.choice(("ordinary", "urgent")), **facts)  # type: ignore[arg-type]
        await perform(task, actor=sender, verb=Verb.SEND, version=1, fields={"text": "poczeka"})
        self.tasks.append((task, offer))
        self.done["send"] += 1

    async def receive(self) -> None:
        # The same few tasks, so that people meet.
        task, offer = self.rng.choice(self.tasks[-150:])
        verb, today = self.rng.choice(RECEIVED), clock.today().isoformat()
        told: dict[str, dict[str, object]] = {
            "waitlist": {"position": 1, "review_on": in_days(9)},
            "accept": {"out_of_order": OUT_OF_ORDER[0]} if self.rng.random() < 0.3 else {},
            "decline": {"reason": "not_eligible"},
            "fail": {"reason": "no_show"},
            "hold": {"reason": "no_longer_possible", "review_on": in_days(9)},
            "deliver": {"outcome": "leczenie", "date": today},
        }
        version = await rows("select version from referral_task where id = $1", task)
        seen = version[0]["version"] if version else 1
        await perform(task, actor=self.offers[offer], verb=verb, version=seen, fields=told.get(verb, {}))
        self.done[verb] += 1

    async def withdraw(self) -> None:
        waiting = await rows("select id, version from referral_task where state in ('sent', 'waitlisted') limit 200")
        if waiting:
            row, fields = self.rng.choice(waiting), {"reason": "need_met_elsewhere"}
            who = self.scene.caseworker
            await perform(row["id"], actor=who, verb=Verb.WITHDRAW, version=row["version"], fields=fields)
            self.done["withdraw"] += 1

    async def pass_(self) -> None:
        kept = await rows("select id, task from place_offered where answer = '' limit 50")
        if kept:
            one = self.rng.choice(kept)
            await pass_place(one["task"], one["id"], actor=self.scene.caseworker)
            self.done["pass"] += 1

    async def sweep(self) -> None:
        self.done["kept by the sweep"] += await keep_standing_places()


setattr(Hammer, "pass", Hammer.pass_)


async def make_hammer(seed: int) -> Hammer:
    scene = await make_scene(free=PLACES)
    offers: dict[UUID, Actor] = {}
    for number in range(PARTNERS):
        partner = await make_institution(f"Partner {number}")
        await make_agreement(partner)
        intake = await actor_for(partner, "partner_intake")
        for _ in range(EACH):
            offers[await make_offer(partner, free=PLACES)] = intake
    made = Hammer(scene, offers, seed)
    for _ in range(2 * PARTNERS * EACH):
        await made.send()
    return made


async def nothing_is_lost_or_double() -> None:
    counters = await rows(
        """select p.free, p.held, p.taken_since,
        (select count(*) from hold h where h.offer = p.offer and h.state = 'held') as holds,
        (select count(*) from hold h where h.offer = p.offer and h.state = 'taken') as taken from offer_places p"""
    )
    for row in counters:
        assert (row["held"], row["taken_since"]) == (row["holds"], row["taken"])
        assert row["held"] + row["taken_since"] <= row["free"]
    wrong = {
        "a hold outlives its task": """select 1 from hold h join referral_task t on t.id = h.task
            where h.state <> 'freed' and t.state = any($1)""",
        "a kept place without its hold": """select 1 from place_offered k left join hold h on h.task = k.task
            join referral_task t on t.id = k.task where k.answer = ''
            and (h.state is distinct from 'held' or t.state <> 'waitlisted' or t.state = any($1))""",
        "a hold on the waiting list nobody was told of": """select 1 from hold h join referral_task t on t.id = h.task
            where t.state = 'waitlisted' and h.state <> 'freed' and t.state <> all($1)
            and not exists (select 1 from place_offered k where k.task = t.id and k.answer = '')""",
        "a move without its line": """select 1 from referral_task t where $1::text[] is not null
            and t.version <> (select count(*) from task_event e where e.task = t.id)""",
    }
    for name, question in wrong.items():
        assert not await rows(question, FINAL_STATES), name


async def hammer(seconds: float, seed: int, worker: str) -> str:
    async with scratch(f"hammer_{worker}"):
        made = await make_hammer(seed)
        before, started = retries.total(), monotonic()
        await asyncio.gather(*(made.work(started + seconds) for _ in range(WORKERS)))
        took = monotonic() - started
        await nothing_is_lost_or_double()
    moves = made.done.total()
    assert moves > 2 * PARTNERS * EACH, "nobody got through"
    assert set(made.refused) <= {
        "stale", "no_place", "line_is_kept", "move_is_not_open", "offer_is_sendable", "place_has_gone", "not_found",
        "place_can_be_taken_again", "move_belongs_to_others", "link_used",
    }, made.refused  # fmt: skip
    return (
        f"hammer: {WORKERS} workers on {PARTNERS * EACH} offers for {took:.0f} s: {moves / took:.0f} moves/s,"
        f" {made.refused.total()} refused ({', '.join(f'{code} {n}' for code, n in made.refused.most_common(4))}),"
        f" {retries.total() - before} repeated after a deadlock, {made.done['pass']} kept places passed on"
    )


async def test_people_who_meet_at_the_same_places_lose_none(
    pool: None, worker_id: str, record_property: Callable[[str, object], None]
) -> None:
    record_property("figure", await hammer(1.5, 1, worker_id))


@pytest.mark.full
async def test_a_minute_of_it_loses_none(
    pool: None, worker_id: str, record_property: Callable[[str, object], None]
) -> None:
    record_property("figure", await hammer(60, 2, worker_id))
