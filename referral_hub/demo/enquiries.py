"""Two questions „kto ma miejsce?”: one of last week, answered and closed; one of this morning that still fills."""

from datetime import date, datetime, timedelta
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.demo.marks import RUN, mark, marks
from referral_hub.demo.people import hands
from referral_hub.directory.reading_actions import Said
from referral_hub.enquiries.actions import answer, ask, close
from referral_hub.enquiries.queries import answers_to, enquiry_seen
from referral_hub.enquiries.schemas import Question

REGION = ["1216", "1263"]
DONE = "enquiries"


async def ask_around(now: datetime) -> None:
    """Both questions and some of their answers, once."""
    if DONE in await marks(RUN):
        return
    actor = (await hands())["kis-razem", "caseworker"]
    async with transaction(SYSTEM):
        with clock.at(now - timedelta(days=6, hours=3)):
            old = await _asked("grupa", actor, clock.today() + timedelta(days=2))
            await _answered(old, actor, [2, 0, 1])
            await close(old, actor=actor)
        with clock.at(now - timedelta(hours=2)):
            new = await _asked("uzaleznienie", actor, clock.today() + timedelta(days=3))
            await _answered(new, actor, [0, 1])
        await mark(RUN, DONE, {})


async def _asked(need: str, actor: Actor, until: date) -> UUID:
    return await ask(Question(need=need, area=REGION, ends_on=until), actor=actor)


async def _answered(enquiry: UUID, actor: Actor, numbers: list[int]) -> None:
    """The first silent example institutions answer, one after another."""
    async with transaction(SYSTEM) as sql:
        invented = {row["id"] for row in await sql.fetch("select id from institution where example")}
    rows = await answers_to(await enquiry_seen(enquiry, actor))
    silent = [row for row in rows if not row.answer and row.institution in invented]
    for row, number in zip(silent, numbers, strict=False):
        holder = Actor(kind="capacity", role="capacity", institution=row.institution)
        await answer(enquiry, row.offer, Said(free=number), actor=holder)
