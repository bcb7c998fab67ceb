"""How many referrals of each of our people wait for us, for others, or are under way: the rule of the worklist."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import transaction
from referral_hub.participants.standing import Standing
from referral_hub.referrals.worklist import BOX

_TONES: Final = {"todo": "careful", "waiting": "told", "under-way": "good", "drafts": ""}
_BOXES: Final = f"""with seen as (
 select t.*, t.id in (select task from discrepancy where verdict = '') as disputed, 'sent' as side
 from referral_task t where t.sender = $1 and t.participant = any($3::uuid[]))
select participant, box, count(*) as number from (select participant, {BOX} as box from seen) b
where box = any($4::text[]) group by participant, box"""  # noqa: S608 -- our own words


async def referrals_of_people(actor: Actor, people: Sequence[UUID]) -> Mapping[UUID, Sequence[Standing]]:
    """What is open for each person, what waits for us first."""
    actor = actor.acting_for(Permission.PERSON_READ)
    boxes = list(_TONES)
    async with transaction(actor.scope) as sql:
        rows = await sql.fetch(_BOXES, actor.institution, clock.today(), list(people), boxes)
    found: dict[UUID, list[Standing]] = {}
    for row in sorted(rows, key=lambda one: boxes.index(one["box"])):
        said = Standing(row["box"], row["number"], _TONES[row["box"]])  # type: ignore[arg-type]  # words of ours
        found.setdefault(row["participant"], []).append(said)
    return found
