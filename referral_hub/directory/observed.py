"""What referrals showed of an offer, read and put into figures: each from five cases on, with its own number.

Counted by `referrals/observed.py`. Everybody sees how long an answer and the support take, as the health fund shows
it; how often an institution accepts, turns away for want of places or stays silent is for staff
(docs/decisions/0011-declared-beside-observed.md).
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import connection
from referral_hub.directory.panels import Panel

LEAST = 5
"""Below this many cases nothing is shown, not even how many there are."""


class Figure(Struct, frozen=True):
    """One figure from `n` cases: a median of days, or a share of them.

    `code`: answer, wait, accepted, full, silent, and what rooms above add for staff (closed, helped, again).
    """

    code: str
    n: int
    days: float | None = None
    share: float | None = None


class Observed(Struct, frozen=True):
    """The counts of one offer, as `directory/tables.py` describes them."""

    since: date
    as_of: datetime
    answered: int
    answer_days: float | None
    decided: int
    accepted: int
    full: int
    silent: int
    waited: int
    wait_days: float | None


More = Callable[[UUID, Actor], Awaitable[list[Figure]]]
"""(offer, who looks) → further figures for staff, as they may be shown; hung up by `app.py`."""

_more: list[More] = []


def hang_more(makers: Sequence[More]) -> None:
    """Show these beside our own, in this order; hanging twice changes nothing."""
    _more.extend(maker for maker in makers if maker not in _more)


def figures(observed: Observed, *, staff: bool) -> list[Figure]:
    """What may be shown, in a fixed order; a figure with fewer than five cases behind it is not there at all."""
    asked = observed.answered + observed.silent
    found = [
        Figure("answer", observed.answered, days=observed.answer_days),
        Figure("wait", observed.waited, days=observed.wait_days),
    ]
    if staff:
        found += [
            Figure("accepted", observed.decided, share=observed.accepted / max(1, observed.decided)),
            Figure("full", observed.decided, share=observed.full / max(1, observed.decided)),
            Figure("silent", asked, share=observed.silent / max(1, asked)),
        ]
    return [figure for figure in found if figure.n >= LEAST]


_SELECT = """select offer, since, as_of, answered, answer_days, decided, accepted, "full", silent, waited, wait_days
from offer_observed where offer = any($1)"""
_DECLARED = """select r.waiting_days, r.as_of from offer_places p join capacity_reading r on r.id = p.reading
where p.offer = $1 and r.waiting_days is not null"""


async def observed_of(offers: Iterable[UUID]) -> dict[UUID, Observed]:
    """The counts of those offers that have any."""
    async with connection() as sql:
        rows = await sql.fetch(_SELECT, list(offers))
    return {row["offer"]: Observed(**{name: row[name] for name in Observed.__struct_fields__}) for row in rows}


async def figures_for_staff(offers: Iterable[UUID], actor: Actor) -> dict[str, list[Figure]]:
    """For lists of offers before staff: the figures of each by id as text; nothing for anybody else."""
    if not actor.may(Permission.DIRECTORY_STAFF):
        return {}
    found = await observed_of(offers)
    return {str(offer): shown for offer, one in found.items() if (shown := figures(one, staff=True))}


async def offer_panel(offer: UUID, actor: Actor, language: str) -> Panel | None:
    """The figures beside what the last reading declares of waiting; None where nothing may be shown.

    Those of the whole time stand there also after a year in which too few were sent to count that year.
    """
    found = (await observed_of([offer])).get(offer)
    staff = actor.may(Permission.DIRECTORY_STAFF)
    shown = figures(found, staff=staff) if found else []
    whole_time = (
        [figure for maker in _more for figure in await maker(offer, actor) if figure.n >= LEAST] if staff else []
    )
    if not shown and not whole_time:
        return None
    async with connection() as sql:
        declared = await sql.fetchrow(_DECLARED, offer)
    facts = {
        "figures": shown,
        "whole_time": whole_time,
        "as_of": found.as_of if found and shown else None,
        "declared_days": declared["waiting_days"] if declared else None,
        "declared_as_of": declared["as_of"] if declared else None,
    }
    return Panel("directory/observed.html", facts, "now")
