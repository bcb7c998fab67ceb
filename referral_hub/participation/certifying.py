"""The facts of a certificate: taken from the participation, the name opened for it and logged."""

from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.transaction import transaction
from referral_hub.documents.certificate import Certificate, certificate
from referral_hub.documents.sheets import Letter
from referral_hub.errors import Refused
from referral_hub.participants.actions import open_person
from referral_hub.participants.letters import note_letter
from referral_hub.participation.actions import working
from referral_hub.participation.course import area_of
from referral_hub.participation.queries import participation_seen_by
from referral_hub.vocabularies import book
from referral_hub.web.formats import day, number
from referral_hub.web.wording import speaking


async def certificate_for(participation: UUID, *, actor: Actor, language: str, name: str = "") -> tuple[Letter, str]:
    """The letter and its number; `name` stands on it where the club keeps initials only, and nowhere else.

    Raises NotFound, NotAllowed, Refused `no_certificate_yet`.
    """
    actor = working(actor)
    part = await participation_seen_by(actor, participation)
    if part.ended_on is None or part.certificate_on is None:
        raise Refused("no_certificate_yet")
    async with transaction(actor.scope) as sql:
        club = await sql.fetchrow(
            """select i.name, coalesce(s.place, '') as place from institution i
            left join site s on s.institution = i.id where i.id = $1 order by s.id limit 1""",
            actor.institution,
        )
        if not name:
            name = (await open_person(part.participant, actor=actor, purpose="certificate", fields=["label"])).label
        await note_letter("certificate", by=actor.scope, participant=part.participant, fields=["label"])
        await record(Event.CERTIFICATE_MAKE, by=actor.scope, subject=("participation", participation))
    with speaking(language):
        facts = Certificate(
            language=language,
            person=name,
            club=club["name"],
            place=club["place"],
            number=part.certificate_number,
            issued_on=day(part.certificate_on),
            started_on=day(part.started_on),
            ended_on=day(part.ended_on),
            contract=part.contract_number,
            groups=tuple(dict.fromkeys(group.title for group in part.groups)),
            hours=f"{number(part.hours)} h" if part.hours else "",
            # An employer reads it: effects toward work belong here, treatment and debts do not.
            effects=tuple(
                dict.fromkeys(
                    book.label("outcome", one.effect, language)
                    for one in part.effects
                    if one.voided_at is None and area_of(one.effect) == "zawodowa"
                )
            ),
        )
    return certificate(facts), part.certificate_number
