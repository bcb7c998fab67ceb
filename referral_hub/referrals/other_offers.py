"""Plan B: offers with places now that answer the same need, for the same people and area, asked of nobody yet."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import transaction
from referral_hub.matching.fit import Person
from referral_hub.matching.queries import Match, matches
from referral_hub.participants.place_names import point_of
from referral_hub.vocabularies import book

SHOWN: Final = 3
_LOOKED_AT: Final = 12
# Nothing is unsealed: gmina, sex and language stand open in the sender's own register and nowhere else, and the
# audience is that of the offer the person was sent to.
_ASKED = """select t.id, q.need, o.audiences, coalesce(p.gmina, '') as gmina, coalesce(p.sex, 'not_stated') as sex,
 coalesce(p.language, 'pl') as language,
 array(select s.receiver from referral_task s where s.request = t.request and s.state <> 'void') as tried
from referral_task t join referral_request q on q.id = t.request join offer o on o.id = t.offer
left join participant p on p.id = t.participant where t.id = any($1)"""


async def other_offers(
    actor: Actor, tasks: Sequence[UUID], today: date, *, most: int = SHOWN
) -> dict[UUID, list[Match]]:
    """For each task what may be put forward instead, at most `most`, none of an institution asked in this request."""
    async with transaction(actor.scope, by_key=True) as sql:
        rows = await sql.fetch(_ASKED, list(tasks))
    found: dict[UUID, list[Match]] = {}
    # People who may be told the same are looked for once: in a list many have one need and live in one gmina.
    looked: dict[tuple[object, ...], list[Match]] = {}
    for row in rows:
        asked = _person(row)
        alike = (asked.need, asked.gmina, asked.sex, asked.groups, asked.language)
        if alike not in looked:
            looked[alike] = await matches(asked, point_of(row["gmina"]), today, most=_LOOKED_AT) if asked.need else []
        proposed = looked[alike]
        free = [match for match in proposed if match.fit.suggested and match.offered.institution not in row["tried"]]
        found[row["id"]] = free[:most]
    return found


def _person(row: Any) -> Person:
    """Whom to look for: as much as is known without opening anything."""
    audiences = (book.above("audience", code) for code in row["audiences"])
    return Person(
        need=row["need"],
        forms=book.forms_for(row["need"]),
        gmina=row["gmina"],
        sex=row["sex"],
        groups=frozenset().union(*audiences),
        language=row["language"],
    )
