"""The demonstration's caseworkers keep a few notes of their own, and needs that nobody in the network could meet."""

from datetime import datetime, timedelta
from typing import Final

from referral_hub import clock
from referral_hub.caseload.notes import add_note
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.demo.marks import RUN, mark, marks
from referral_hub.demo.people import hands
from referral_hub.referrals.actions import note_unmet_need
from referral_hub.referrals.states import UNDER_WAY

DONE: Final = "caseload"
CLUB: Final = "kis-razem"
NOTES: Final = (
    "Woli telefon po 16. Umówić rozmowę o kursie przed końcem miesiąca.",
    "Na spotkanie przyjdzie z siostrą; przypomnieć dzień wcześniej.",
    "Ustalić z doradcą, czy wystarczy oświadczenie o dochodach.",
)
LACKS: Final = (
    ("nocleg", "121603", 12),
    ("transport", "121605", 30),
    ("cyfrowe", "121609", 48),
    ("cyfrowe", "121609", 75),
)
_OPEN = (
    "select id from referral_task where sender = $1 and keeper = $2 and state = any($3::text[]) order by number limit 3"
)


async def fill_caseload(now: datetime) -> None:
    """All of it, once."""
    if DONE in await marks(RUN):
        return
    worker = (await hands())[CLUB, "caseworker"]
    async with transaction(SYSTEM) as sql:
        tasks = await sql.fetch(_OPEN, worker.institution, worker.account, sorted(UNDER_WAY))
        for days, (row, words) in enumerate(zip(tasks, NOTES, strict=False), start=1):
            with clock.at(now - timedelta(days=days)):
                await add_note(row["id"], words, actor=worker)
        for need, gmina, days in LACKS:
            with clock.at(now - timedelta(days=days)):
                await note_unmet_need(actor=worker, need=need, gmina=gmina)
        await mark(RUN, DONE, {})
