"""What a caseworker puts together on one page: whom, what for, where to, on which basis."""

from collections.abc import Collection
from datetime import date
from typing import Any, Final
from uuid import UUID

from msgspec import Struct

from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import connection, transaction
from referral_hub.matching.fit import Person, Reason
from referral_hub.matching.queries import Match, Offered, matches, offered
from referral_hub.participants.basis import (
    GROUNDS,
    USUAL_FIELDS,
    Ground,
    Kind,
    internal_ground,
    usual_ground,
)
from referral_hub.participants.place_names import Where, point_of, where_is
from referral_hub.participants.queries import PersonRow
from referral_hub.referrals.basis_form import STATUTES
from referral_hub.referrals.legal_person import same_legal_person
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form

SHOWN: Final = 6
MOST: Final = 100


ON_THE_LINE_OF_PLACES: Final = ("places_free", "fresh")
"""Reasons that a card tells with its number of places."""


class Composition(Struct, frozen=True):
    """What the page knows so far, and what it can propose; `ground` is the usual one for the chosen pair."""

    where: Where | None
    found: list[Match]
    chosen: Match | None
    ground: Ground | None
    others: int = 0

    @property
    def fitting(self) -> int:
        """How many of the shown offers fit."""
        return sum(match.fit.fits for match in self.found)

    @property
    def common(self) -> list[Reason]:
        """What speaks for every one of them alike: said once above the list."""
        if len(self.found) < 2:
            return []
        first, *others = self.found
        said = [[(reason.code, reason.facts) for reason in match.fit.reasons] for match in others]
        return [
            reason
            for reason in first.fit.reasons
            if reason.weight == "for"
            and reason.code not in ON_THE_LINE_OF_PLACES
            and all((reason.code, reason.facts) in one for one in said)
        ]


async def compose(
    form: Form,
    person: PersonRow | None,
    sender_kind: str,
    today: date,
    kept: Collection[UUID] = (),
    sender: UUID | None = None,
) -> Composition:
    """Matches for what the form says so far; nothing is asked of the directory before a need is chosen.

    Of the offers that fit, those the caseworker keeps as favourites come first.
    """
    where = where_is(form.value("place"))
    need = form.value("need") if book.is_known("need", form.value("need")) else ""
    gmina = where.gmina if where else (person.gmina if person else "")
    point = where.point if where else point_of(gmina)
    asked = _asked(need, gmina, person)
    chosen = await _chosen(form, asked if need else None, point, today)
    found = await matches(asked, point, today, most=MOST) if need else []
    rest = [match for match in found if chosen is None or match.offered.id != chosen.offered.id]
    rest.sort(key=lambda match: not (match.fit.suggested and match.offered.id in kept))
    shown = ([chosen] if chosen else []) + rest[: SHOWN - (1 if chosen else 0)]
    ground = await ground_between(sender, sender_kind, chosen.offered) if chosen else None
    total = len(rest) + (1 if chosen else 0)
    return Composition(where, shown, chosen, ground, others=total - len(shown))


async def ground_between(sender: UUID | None, sender_kind: str, receiver: Offered) -> Ground:
    """The usual ground for a pair: inside one legal person no data go to another controller."""
    async with connection() as sql:
        if sender is not None and await same_legal_person(sql, sender, receiver.institution):
            return internal_ground()
    return usual_ground(sender_kind, receiver.kind)


def _asked(need: str, gmina: str, person: PersonRow | None) -> Person:
    return Person(
        need=need,
        forms=book.forms_for(need),
        gmina=gmina,
        sex=person.sex if person else "not_stated",
        language=person.language if person else "pl",
    )


async def _chosen(form: Form, asked: Person | None, point: tuple[float, float] | None, today: date) -> Match | None:
    try:
        offer = UUID(form.value("offer"))
    except ValueError:
        return None
    return await offered(offer, asked, point, today)


async def need_answered(offer: str, today: date) -> str:
    """The need that an offer answers best, for a page that starts from the offer; '' when there is none."""
    found = await _chosen(Form({"offer": offer}), None, None, today)
    answered = book.needs_for(found.offered.form) if found else ()
    return answered[0] if answered else ""


def read_need(form: Form) -> str:
    """The chosen need; '' with a problem kept where none was chosen."""
    return form.choice("need", [word.code for word in book.words("need")], missing="choose_need") or ""


FRESH: Final[dict[str, object]] = {
    "basis.kind": "preset",
    "basis.fields": list(USUAL_FIELDS),
    "priority": "ordinary",
}

_LAST = """select q.need, q.priority, t.offer, b.kind, b.ground, b.fields, t.no_data
from referral_task t join referral_request q on q.id = t.request left join legal_basis b on b.id = t.basis
where t.sender = $2 and t.state <> 'void'
and case when $3::uuid is null then t.keeper = $1 else t.participant = $3 end
order by t.made_at desc, t.id desc limit 1"""


async def last_of(actor: Actor, person: UUID | None = None) -> dict[str, object] | None:
    """The actor's last referral as a page starts from it, without the person; None for somebody new.

    With a `person` the last one of that person, whoever of the institution made it.
    """
    async with transaction(actor.scope) as sql:
        found = await sql.fetch(_LAST, actor.account, actor.institution, person)
    if not found:
        return None
    row: Any = found[0]
    start: dict[str, object] = {"need": row["need"], "priority": row["priority"], "offer": str(row["offer"])}
    if row["kind"] and not row["no_data"]:
        start["basis.fields"] = list(row["fields"])
        usual = row["ground"] in GROUNDS and row["kind"] != Kind.STATUTE
        start["basis.kind"] = "preset" if row["kind"] == Kind.INTERNAL else row["kind"]
        if not usual:
            start["basis.act" if row["ground"] in STATUTES else "basis.ground"] = row["ground"]
    return start
