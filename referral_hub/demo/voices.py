"""What people of the demonstration say about the help, and how it was settled where both ends told it differently."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.closure.actions import settle
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.demo.marks import RUN, mark, marks
from referral_hub.demo.people import hands
from referral_hub.referrals.actions import give_feedback

DONE: Final = "voices"
LEFT_OPEN: Final = timedelta(days=45)
"""What has come up since is still to be settled today."""
SETTLED: Final = (
    ("both_hold", "Była jedna rozmowa; osoba liczyła na dalsze."),
    ("person_holds", "Instytucja pomyliła dwie osoby, umówiono nowy termin."),
    ("receiver_holds", "Osoba myślała o innym miejscu."),
    ("goes_on", ""),
)
SAID: Final = (("waitlisted", "waiting"), ("sent", "waiting"), ("scheduled", "did_not_go"), ("delivered", "no"))
"""Of the last kind the newest report of help: the person tells it differently, and nobody has settled that yet."""
_OPEN: Final = """select t.id, t.participant from referral_task t join institution i on i.id = t.sender
where t.state = $1 and i.club and not t.no_data and not t.held_back and coalesce(t.outcome_on < $2, true)
 and not exists (select 1 from participant_feedback f where f.task = t.id) order by t.number desc limit 1"""
_OLD: Final = "select task, opened_at from discrepancy where verdict = '' and opened_at < $1 order by opened_at, id"


async def hear_voices(now: datetime) -> None:
    """Once: three people of the club call for somebody, one got no help; what differed long ago has been settled."""
    if DONE in await marks(RUN):
        return
    coordinator = (await hands())["kis-razem", "coordinator"]
    async with transaction(SYSTEM) as sql:
        with clock.at(now - timedelta(days=1, hours=3)):
            for state, said in SAID:
                row = await sql.fetchrow(_OPEN, state, clock.today())
                if row is not None:
                    person = Actor(kind="participant", role="participant", participant=row["participant"])
                    await give_feedback(row["id"], actor=person, got_help=said, treated_well="no_answer")
        old: list[tuple[UUID, datetime]] = [tuple(row) for row in await sql.fetch(_OLD, now - LEFT_OPEN)]
        for number, (task, opened_at) in enumerate(old):
            verdict, words = SETTLED[number % len(SETTLED)]
            with clock.at(opened_at + timedelta(days=2)):
                await settle(task, actor=coordinator, verdict=verdict, words=words)
        await mark(RUN, DONE, {})
