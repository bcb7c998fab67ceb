"""How the demonstration's partners were asked for their places so far, and whom that left to the telephone.

The ladder itself says when: it is driven from each partner's last answer to now, and its rungs are written down without
sending mails of the past.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import structs

from referral_hub import clock
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.directory.freshness import due
from referral_hub.upkeep.ladder import Act, Ask, Asked, Call, Standing, Wait, next_act
from referral_hub.upkeep.standings import standings

LONGEST = timedelta(days=400)


async def tell_asked(now: datetime) -> None:
    """Rungs and call tasks of everybody whose number has grown old, as the jobs would have left them by `now`."""
    rungs: list[tuple[object, ...]] = []
    calls: list[tuple[object, ...]] = []
    with clock.at(now):
        for institution, standing in (await standings()).items():
            for moment, act in _climbed(standing, now):
                day = moment.astimezone(clock.WARSAW).date()
                if isinstance(act, Ask):
                    number = sum(due(offer.as_of, offer.rhythm, day) for offer in standing.offers)
                    rungs.append((new_id(), institution, act.rung, act.way.channel, moment, number))
                elif isinstance(act, Call):
                    calls.append((new_id(), institution, act.why.value, moment, day))
    async with transaction(SYSTEM) as sql:
        await sql.executemany(
            "insert into asking (id, institution, rung, channel, at, offers) values ($1, $2, $3, $4, $5, $6)", rungs
        )
        await sql.executemany(
            "insert into call_task (id, institution, why, made_at, due_on) values ($1, $2, $3, $4, $5)", calls
        )


def _climbed(standing: Standing, now: datetime) -> Iterator[tuple[datetime, Act]]:
    """What the ladder did since the last answer."""
    moment = max(standing.answered_at or now - LONGEST, now - LONGEST)
    while moment < now:
        act = next_act(standing, moment)
        if isinstance(act, Wait):
            if act.until is None:
                return
            moment = act.until
            continue
        yield moment, act
        if isinstance(act, Ask):
            standing = structs.replace(standing, asked=(*standing.asked, Asked(act.rung, moment)))
        else:
            standing = structs.replace(standing, call_open=isinstance(act, Call))


async def prefer_text_messages(institution: UUID, mobile: str) -> None:
    """One partner wants text messages, so that the mailbox shows one."""
    async with transaction(SYSTEM) as sql:
        await sql.execute("update institution set reached_by = 'sms' where id = $1", institution)
        await sql.execute(
            "insert into contact (id, institution, kind, value, position) values ($1, $2, 'mobile', $3, 9)",
            new_id(),
            institution,
            mobile,
        )
