"""„Wszystko bez zmian”: many numbers told by one tap, each a reading of its own, and all of it taken back by one."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import retrying, transaction
from referral_hub.directory.queries import reported_offers
from referral_hub.directory.reading_actions import MOST, report_reading, undo_reading
from referral_hub.directory.still_true import unchanged
from referral_hub.errors import NotFound, Refused
from referral_hub.web.forms import Form

MANY = 200


def read_all_same(form: Form) -> dict[UUID, int]:
    """The numbers that were shown: `offer` fields, and `still-<offer>` beside each. Raises Refused("invalid")."""
    shown: dict[UUID, int] = {}
    for name in form.values("offer")[:MANY]:
        offer = Form({"offer": name}).id("offer", required=False)
        number = form.whole(f"still-{name[:36]}", most=MOST)
        if offer is None:
            form.add("", "not_a_choice")
        elif number is not None:
            shown[offer] = number
    form.check()
    return shown


@retrying
async def tell_all_same(institution: UUID, numbers: Mapping[UUID, int], *, actor: Actor) -> list[UUID]:
    """A reading for each offer as its number was seen; their ids. All of them or none.

    Raises NotFound for an offer of others, Refused `no_number_to_confirm` for none at all.
    """
    if not numbers:
        raise Refused("no_number_to_confirm")
    async with transaction(actor.scope):
        own = {offer.id for offer in await reported_offers(institution)}
        if not set(numbers) <= own:
            raise NotFound
        told = [(offer, await unchanged(offer, free)) for offer, free in sorted(numbers.items())]
        return [await report_reading(offer, said, actor=actor) for offer, said in told]


async def undo_all(form: Form, *, actor: Actor) -> list[UUID]:
    """Take the readings named in `reading` fields back; their offers. All of them or none."""
    named = [Form({"id": text}).id("id", required=False) for text in form.values("reading")[:MANY]]
    readings = [reading for reading in named if reading is not None]
    if not readings or len(readings) < len(named):
        raise NotFound
    return await _undo(readings, actor=actor)


@retrying
async def _undo(readings: Sequence[UUID], *, actor: Actor) -> list[UUID]:
    async with transaction(actor.scope):
        return [await undo_reading(reading, actor=actor) for reading in sorted(readings)]
