"""What a referral's page says of the person's path: which step it carries out; the person reads the way itself."""

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import transaction
from referral_hub.paths.queries import load_path
from referral_hub.paths.words import printed_steps, step_title
from referral_hub.referrals.attachments import Attachment
from referral_hub.referrals.referral import Referral

_IN_VAIN = "array['declined', 'withdrawn', 'expired', 'not_delivered', 'void']"
_CARRIED = "select path, id, true as carries from support_step where task = $1 and state <> 'dropped'"
# Else a step that this one fits, by its form of support or its need: without a referral, or whose own did not help.
_FITTING = f"""select * from ({_CARRIED} union all (select p.id as path, s.id, false as carries
from referral_task t join referral_request q on q.id = t.request
join offer o on o.id = t.offer join support_path p on p.participant = t.participant and p.closed_at is null
join support_step s on s.path = p.id and s.state in ('planned', 'under_way')
 and not exists (select 1 from referral_task c where c.id = s.task and c.state <> all({_IN_VAIN}))
where t.id = $1 and t.sender = $2 and p.institution = $2 and t.state <> all({_IN_VAIN})
and (s.form = o.form or (s.form = '' and s.need = q.need)) order by p.made_at desc, s.position limit 1)) steps
order by carries desc limit 1"""  # noqa: S608 -- our own words


async def path_part(found: Referral, actor: Actor, language: str) -> Attachment | None:
    """For the sender the step and a way to the path; for the person the whole way; for nobody else anything."""
    person = actor.kind == "participant"
    if not person and (found.sender.id != actor.institution or not actor.may(Permission.PERSON_READ)):
        return None
    actor = actor if person else actor.acting_for(Permission.PERSON_READ)
    async with transaction(actor.scope) as sql:
        row = await (
            sql.fetchrow(_CARRIED, found.id) if person else sql.fetchrow(_FITTING, found.id, actor.institution)
        )
        if row is None:
            return None
        path = await load_path(sql, row["path"])
    if person:
        return Attachment("paths/own_part.html", {"path": path, "steps": printed_steps(path, language)})
    place = next(place for place, step in enumerate(path.steps) if step.id == row["id"])
    facts = {
        "path": path,
        "step": row["id"],
        "place": place + 1,
        "of": len(path.steps),
        "title": step_title(path.steps[place], language),
        "carries": row["carries"],
        "task": found.id,
    }
    return Attachment("paths/referral_part.html", facts, "case")
