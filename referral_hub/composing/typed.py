"""Offers found by what a caseworker types, and those ticked."""

from typing import Final
from uuid import UUID

from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import connection
from referral_hub.directory.favourites import favourites_of
from referral_hub.participants.place_names import name_of_gmina
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
