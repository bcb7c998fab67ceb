"""People and offers found by what a caseworker types: a case code or an exact label, words of an offer's name."""

from typing import Final
from uuid import UUID

from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.transaction import connection, transaction
from referral_hub.directory.favourites import favourites_of
from referral_hub.participants.disclosures import log_opening
from referral_hub.participants.place_names import name_of_gmina
from referral_hub.participants.queries import PersonRow, people_seen_by
from referral_hub.search.polish import fold, words
from referral_hub.web.forms import Form

MOST: Final = 8
MOST_AT_ONCE: Final = 10

_OFFERS: Final = """select o.id, o.title, o.form, o.institution, i.name as institution_name, i.short_name, i.kind,
 i.terc
from offer o join institution i on i.id = o.institution
where o.status = 'published' and i.status = 'published' and coalesce(o.visible_from, $1) <= $1
order by i.sort_key, o.title, o.id"""


class OfferCalled(Struct, frozen=True, kw_only=True):
    """An offer that what was typed may mean; `known`: the account keeps it as a favourite."""

    id: UUID
    title: str
    form: str
    institution: UUID
    institution_name: str
    kind: str
    gmina: str
    known: bool


async def offers_called(typed: str, actor: Actor) -> list[OfferCalled]:
    """Open offers in whose name, institution or gmina each word typed begins a word; favourites first, at most MOST."""
    wanted = [fold(word) for word in words(typed)]
    if not wanted:
        return []
    kept = frozenset(await favourites_of(actor))
    async with connection() as sql:
        rows = await sql.fetch(_OFFERS, clock.today())
    found = []
    for row in rows:
        gmina = name_of_gmina(row["terc"])
        named = " ".join((row["title"], row["institution_name"], row["short_name"], gmina))
        if _begins(wanted, [fold(word) for word in words(named)]):
            found.append(
                OfferCalled(
                    id=row["id"],
                    title=row["title"],
                    form=row["form"],
                    institution=row["institution"],
                    institution_name=row["institution_name"],
                    kind=row["kind"],
                    gmina=gmina,
                    known=row["id"] in kept,
                )
            )
    return sorted(found, key=lambda one: not one.known)[:MOST]


def _begins(wanted: list[str], named: list[str]) -> bool:
    return all(any(word.startswith(part) for word in named) for part in wanted)


async def people_typed(typed: str, actor: Actor) -> list[PersonRow]:
    """The own institution's people with this case code or exactly this label; a look by label is logged."""
    if not typed.strip():
        return []
    found = (await people_seen_by(actor, label=typed, per_page=MOST)).items
    by_label = [row for row in found if row.case_code != typed.strip().upper()]
    if by_label:
        reader = actor.acting_for(Permission.PERSON_READ)
        async with transaction(reader.scope) as sql:
            for row in by_label:
                await log_opening(sql, participant=row.id, fields=["label"], by=reader.scope, purpose="search")
            await record(Event.PERSON_FIND, by=reader.scope, facts={"found": len(by_label)})
    return found


def read_offers(form: Form) -> list[UUID]:
    """The offers ticked, each once and at most MOST_AT_ONCE; a problem is kept where there is none."""
    typed = list(dict.fromkeys(form.values("offer")))
    if not typed:
        form.add("offer", "choose_offer")
    if len(typed) > MOST_AT_ONCE:
        form.add("offer", "choose_fewer", most=MOST_AT_ONCE)
        return []
    offers = []
    for one in typed:
        try:
            offers.append(UUID(one))
        except ValueError:
            form.add("offer", "not_a_choice")
    return offers
