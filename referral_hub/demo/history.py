"""Eighteen months of referrals, made through the hub's own actions with a moving clock: one transaction a story."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR, Actor
from referral_hub.accounts.links import make_link
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.demo.marks import NETWORK, PERSON, STORY, mark, marks
from referral_hub.demo.network import people
from referral_hub.demo.people import hands
from referral_hub.demo.plan import Story
from referral_hub.demo.stories import Step
from referral_hub.errors import Refused
from referral_hub.institutions.changes import tell_directory
from referral_hub.participants.actions import register
from referral_hub.participants.basis import GROUNDS
from referral_hub.referrals.actions import draft, give_feedback, mark_seen, perform

FRESH_MAIL = timedelta(days=5)
"""Letters younger than this go to the demonstration's mailbox; older ones would only bury them."""
REPLAN = 120
BUT_SEND = "Uzgodnione telefonicznie: przyjmują mimo tej informacji."
NOTES = ("", "Proszę o kontakt po 14:00.", "Najlepiej SMS.", "Osoba przyjdzie z bliską osobą.")

Progress = Callable[[int, int], None]


class Stage(Struct, frozen=True):
    """What every story needs: ids by key, and who acts for whom."""

    institutions: dict[str, UUID]
    offers: dict[tuple[str, str], UUID]
    people: dict[str, UUID]
    actors: dict[tuple[str, str], Actor]


async def set_stage(begun: datetime) -> Stage:
    """Register the invented people that are not known yet; ids of everything the stories speak of."""
    network, actors = await marks(NETWORK), await hands()
    known = {key: UUID(made["id"]) for key, made in (await marks(PERSON)).items()}
    async with transaction(SYSTEM):
        for person in people():
            if person.key in known:
                continue
            with clock.at(begun):
                made = await register(
                    actor=actors[person.owner, "caseworker"],
                    label=person.label,
                    sex=person.sex,
                    gmina=person.terc,
                    groups=person.groups,
                    needs=person.needs,
                    contact=person.phone,
                    safe_contact="SMS, tylko rano" if "przemoc" in person.needs else "",
                    language="uk" if "jezyk_polski" in person.needs else "pl",
                )
            await mark(PERSON, person.key, {"id": str(made.id)})
            known[person.key] = made.id
    return Stage(
        institutions={key: UUID(made["institution"]) for key, made in network.items()},
        offers={(key, name): UUID(one) for key, made in network.items() for name, one in made["offers"].items()},
        people=known,
        actors=actors,
    )


async def tell_stories(stories: list[Story], stage: Stage, now: datetime, progress: Progress) -> int:
    """Make every referral not made before, in order; how many moves were refused (none, if the plan is right)."""
    done = {int(key): made for key, made in (await marks(STORY)).items()}
    tasks = {nr: UUID(made["task"]) for nr, made in done.items()}
    refused = sum(int(made["refused"]) for made in done.values())
    for count, story in enumerate(stories, start=1):
        if story.nr not in tasks:
            teller = Teller(story, stage, tasks.get(story.follows or 0))
            async with transaction(SYSTEM) as sql:
                # A story lost by a power cut is told again at the next start.
                await sql.execute("set local synchronous_commit = off")
                await teller.tell(now)
                await sql.execute("delete from job where name = 'send_mail' and run_at < $1", now - FRESH_MAIL)
                await mark(STORY, str(story.nr), {"task": str(teller.task), "refused": teller.refused})
                if count % REPLAN == 0:
                    # Plans kept since the tables were empty would read them whole as they grow.
                    await sql.execute("discard plans")
            tasks[story.nr] = teller.task
            refused += teller.refused
            # Visitors are served by the same loop.
            await asyncio.sleep(0)
        progress(count, len(stories))
    return refused


_UNDER_ITS_READING = """update hold h set reading = (
 select r.id from capacity_reading r where r.offer = h.offer and r.voids is null and r.recorded_at <= h.taken_at
 order by r.as_of desc, r.recorded_at desc limit 1)
where h.taken_at is not null"""
_COUNTED = """update offer_places p set taken_since = (
 select count(*) from hold h where h.offer = p.offer and h.state = 'taken' and h.reading = p.reading)"""


async def settle_places() -> None:
    """Count places as if readings and referrals had come in the order of their dates.

    The readings were loaded first; whoever was accepted before the one now in force is left out of its number already.
    """
    async with transaction(SYSTEM) as sql:
        await sql.execute(_UNDER_ITS_READING)
        await sql.execute(_COUNTED)
        await tell_directory(sql)


class Teller:
    """One story on its way through the hub's actions; `task` is known once it is drafted."""

    task: UUID

    def __init__(self, story: Story, stage: Stage, follows: UUID | None) -> None:
        self.story, self.stage, self.follows = story, stage, follows
        self.sender = stage.actors[story.person.owner, "caseworker"]
        self.receiver = stage.institutions[story.offer.at]
        self.person = stage.people[story.person.key]
        self.version, self.refused, self.seen = 1, 0, False

    async def tell(self, now: datetime) -> None:
        """Draft, every step, the looks and the feedback that follow; a refused step ends the story there."""
        with clock.at(self.story.started):
            self.task = await (self._rerouted(self.follows) if self.follows else self._drafted())
        for step in self.story.steps:
            with clock.at(step.at):
                if not await self._step(step):
                    await self._read(step.at, now)
                    return
        await self._after(now)

    async def _drafted(self) -> UUID:
        story = self.story
        return await draft(
            actor=self.sender,
            person=self.person,
            offer=self._offer(),
            need=story.need,
            priority=story.priority,
            basis=self._basis(),
            note=NOTES[story.nr % len(NOTES)],
        )

    async def _rerouted(self, before: UUID) -> UUID:
        async with transaction(SYSTEM) as sql:
            version = await sql.fetchval("select version from referral_task where id = $1", before)
        return await perform(
            before,
            actor=self.sender,
            verb="reroute",
            version=version,
            fields={"offer": self._offer(), "basis": self._basis()},
        )

    def _offer(self) -> UUID:
        return self.stage.offers[self.story.offer.at, self.story.offer.key]

    def _basis(self) -> dict[str, str]:
        kind = GROUNDS[self.story.ground].kind.value
        how = {"given_how": "signed"} if kind == "consent" else {}
        return {"kind": kind, "ground": self.story.ground, **how}

    async def _step(self, step: Step) -> bool:
        """One step as planned, or as people help themselves; False where the story ends with it."""
        wanted = step.verb
        while True:
            try:
                await self._perform(step)
            except Refused as refusal:
                instead = _instead(step, refusal.code)
                if instead is None:
                    self.refused += 1
                    return False
                step = instead
            else:
                self.version += 1
                return step.verb == wanted

    async def _perform(self, step: Step) -> None:
        actor = await self._actor(step)
        if step.by == "RCV" and step.channel == "self" and not self.seen:
            self.seen = True
            await mark_seen(self.task, actor=actor)
        fields, channel = step.fields, step.channel
        await perform(self.task, actor=actor, verb=step.verb, version=self.version, fields=fields, channel=channel)

    async def _actor(self, step: Step) -> Actor:
        if step.by == "SYS":
            return SYSTEM_ACTOR
        if step.by == "PAR":
            return self._participant()
        if step.by == "SND" or step.channel != "self":
            return self.sender
        known = self.stage.actors.get((self.story.offer.at, "partner_intake"))
        return known or await self._guest()

    def _participant(self) -> Actor:
        return Actor(kind="participant", role="participant", participant=self.person)

    async def _guest(self) -> Actor:
        """The holder of the link from the mail, renewed when it was used up or has grown old."""
        async with transaction(SYSTEM) as sql:
            link = await sql.fetchval(
                """select id from link where kind = 'a' and subject = $1 and used_at is null
                and revoked_at is null and ends_at > $2""",
                self.task,
                clock.now(),
            )
        if link is None:
            _, made = await make_link("a", by=SYSTEM, institution=self.receiver, subject=self.task)
            link = made.id
        return Actor(kind="guest", role="guest", institution=self.receiver, task=self.task, link=link)

    async def _read(self, ended: datetime, now: datetime) -> None:
        """The sender reads how it ended a day later; of the last ten days some news are left for visitors to read."""
        read = ended + timedelta(days=1, hours=2)
        if read < now - timedelta(days=10):
            with clock.at(read):
                await mark_seen(self.task, actor=self.sender)

    async def _after(self, now: datetime) -> None:
        last = self.story.steps[-1] if self.story.steps else None
        if last is None:
            return
        await self._read(last.at, now)
        if self.story.feedback is None or last.at + timedelta(days=3) > now:
            return
        got_help, treated_well, words = self.story.feedback
        with clock.at(last.at + timedelta(days=3)):
            await give_feedback(
                self.task,
                actor=self._participant(),
                got_help=got_help,
                treated_well=treated_well,
                words=words,
                share_with_sender=self.story.nr % 2 == 0,
            )


def _instead(step: Step, code: str) -> Step | None:
    """What people do where a step is refused for this reason; None where nothing comes to mind."""
    if step.verb == "send" and code in ("offer_is_sendable", "no_place") and "text" not in step.fields:
        return msgspec.structs.replace(step, fields={**step.fields, "text": BUT_SEND})
    if code == "code_is_given" and step.channel == "self":
        # Who has the link and not the code of a sensitive offer phones.
        return msgspec.structs.replace(step, channel="phone")
    if step.verb == "accept" and code == "no_place":
        # Others were quicker: whoever has no place left says so, and the story ends there.
        return msgspec.structs.replace(step, verb="decline", fields={"reason": "no_capacity"})
    return None
