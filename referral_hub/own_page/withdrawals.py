"""What a confirmation says once sharing has ended: since when, with whom, what ended and what goes on by law."""

from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import transaction
from referral_hub.documents.withdrawal import Withdrawal
from referral_hub.errors import NotFound
from referral_hub.institutions.contacts import phone_of
from referral_hub.referrals.person_seen import BASIS_ENDED, ENDS_SHARING
from referral_hub.referrals.queries import Referral
from referral_hub.referrals.states import FINAL, FINAL_STATES, State
from referral_hub.web.formats import moment, short_day
from referral_hub.web.wording import has, sentence_of, speaking

# What else is open about the same person and rests on an act.
_BY_LAW = """select distinct b.ground from referral_task t join legal_basis b on b.id = t.basis
where t.participant = (select participant from referral_task where id = $1) and t.id <> $1 and b.kind = 'statute'
and t.state <> all($2) and t.access in ('summary', 'disclosed') order by 1"""


async def withdrawal_facts(found: Referral, actor: Actor, language: str, *, named: bool = True) -> Withdrawal:
    """The facts in words of a language; not `named`: the paper does not say who helps. NotFound while it goes on."""
    ended = next((one for one in found.timeline if one.verb in ENDS_SHARING), None)
    if ended is None:
        raise NotFound
    laws = await _acts(found.id, actor)
    fields = ("case_code", "need", "priority", *(found.basis.fields if found.basis else ()))
    with speaking(language):
        since, today = moment(ended.at), short_day(clock.today())
    return Withdrawal(
        language=language,
        person=str(found.person["case_code"]),
        keeper=found.sender.name if named else "",
        keeper_phone=await phone_of(found.sender.id) if named else "",
        number=found.number,
        receiver=found.offer.institution.name if named else "",
        why="run_out" if ended.verb == BASIS_ENDED else "withdrawn",
        since=since,
        data=", ".join(sentence_of(language, "field", name) for name in fields),
        stays=State(found.state) not in FINAL,
        by_law=tuple(
            sentence_of(language, "ground", code) if has(language, f"ground.{code}") else code for code in laws
        ),
        issued_on=today,
    )


async def _acts(task: UUID, actor: Actor) -> list[str]:
    async with transaction(actor.scope) as sql:
        rows = await sql.fetch(_BY_LAW, task, FINAL_STATES)
    return [row["ground"] for row in rows]
