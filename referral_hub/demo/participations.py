"""Who takes part in the demonstration's club: contracts, effects, an end with a certificate, and one who came again."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.demo.history import Stage
from referral_hub.demo.marks import RUN, mark, marks
from referral_hub.demo.network import people
from referral_hub.demo.people import hands
from referral_hub.participation.actions import add_effect, end, start
from referral_hub.participation.course import Described, Ended
from referral_hub.participation.taking_in import offered_person, take_in
from referral_hub.referrals.states import UNDER_WAY

DONE: Final = "participations"
CLUBS: Final = ("kis-razem", "kis-przystanek")


class Told(Struct, frozen=True):
    """Days before now: start, and perhaps end; effects with their day; the main group, `refused` or ''."""

    began: int
    ended: int | None = None
    reason: str = ""
    group: str = ""
    effects: tuple[tuple[str, int], ...] = ()
    contract: bool = True


LIVES: Final = (
    Told(410, 120, "job", "dlugotrwale_bezrobotne", (("kwalifikacje", 190), ("staz", 160), ("zatrudnienie", 121))),
    Told(330, 60, "completed", "bezdomne", (("mieszkanie", 100), ("wiezi", 80))),
    Told(210, None, "", "uzal_alkohol", (("leczenie", 150), ("grupa", 40))),
    Told(160, None, "", "dlugotrwale_bezrobotne", (("aktywne_szukanie", 30),)),
    Told(95, 20, "moved_away", "refused"),
    Told(70, None, "", "samotni_rodzice", (("samodzielnosc", 10),)),
    Told(12, None, contract=False),
)
OPENED: Final = ("label", "sex", "contact")
AGAIN: Final = Told(25, None, "", "dlugotrwale_bezrobotne")
"""How the first of them comes again; the second gets a certificate."""


async def fill_participations(stage: Stage, now: datetime) -> None:
    """All of it, once."""
    if DONE in await marks(RUN):
        return
    actors = await hands()
    async with transaction(SYSTEM):
        for club in CLUBS:
            worker = actors[club, "caseworker"]
            own = [person for person in people() if person.owner == club]
            lives = LIVES if club == CLUBS[0] else LIVES[2:4]
            for number, (person, told) in enumerate(zip(own, lives, strict=False), start=1):
                await _live(stage.people[person.key], told, number, worker, now)
        first = next(person for person in people() if person.owner == CLUBS[0])
        await _live(stage.people[first.key], AGAIN, len(LIVES) + 1, actors[CLUBS[0], "caseworker"], now)
        await _come_in(actors[CLUBS[0], "caseworker"], now)
        await mark(RUN, DONE, {})


async def _live(person: UUID, told: Told, number: int, worker: Actor, now: datetime) -> None:
    """One participation, each of its days by the clock of that day."""
    with clock.at(now - timedelta(days=told.began)):
        day = clock.today()
        part = await start(
            person,
            Described(
                started_on=day,
                contract_number=f"KS/{number}/{day.year}" if told.contract else "",
                contract_on=day if told.contract else None,
                main_group="" if told.group == "refused" else told.group,
                refused_group=told.group == "refused",
            ),
            actor=worker,
        )
    for effect, days in told.effects:
        with clock.at(now - timedelta(days=days)):
            source = "partner" if effect == "leczenie" else "club"
            await add_effect(part, effect, clock.today(), actor=worker, source=source)
    if told.ended is not None:
        with clock.at(now - timedelta(days=told.ended)):
            day = clock.today()
            given = told.reason == "completed"
            over = Ended(
                ended_on=day,
                reason=told.reason,
                certificate_number=f"KIS/{number}/{day.year}" if given else "",
                certificate_on=day if given else None,
            )
            await end(part, over, actor=worker, version=1)


_ACCEPTED = """select id from referral_task where receiver = $1 and sender <> $1 and not no_data and not sharing_ended
and state = any($2::text[]) order by number limit 3"""


async def _come_in(worker: Actor, now: datetime) -> None:
    """Who was sent here and accepted takes part too, from what was disclosed."""
    async with transaction(SYSTEM) as sql:
        tasks = await sql.fetch(_ACCEPTED, worker.institution, sorted(UNDER_WAY))
    with clock.at(now):
        day = clock.today() - timedelta(days=30)
        for row in tasks:
            known = (await offered_person(row["id"], actor=worker, open_person=OPENED)).referral.person
            person = {
                "label": str(known.get("label", "Osoba przykładowa")),
                "sex": str(known.get("sex", "not_stated")),
                "contact": str(known.get("contact", "")),
            }
            await take_in(row["id"], person, Described(started_on=day), actor=worker)
