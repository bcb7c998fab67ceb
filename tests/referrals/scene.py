"""A club with a caseworker, a partner with an offer, a person: what every journey starts from."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.links import actor_of_link, make_link
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.participants.actions import register
from referral_hub.referrals.actions import draft, perform
from referral_hub.referrals.queries import Referral, referral
from tests.build import actor_for, make_agreement, make_institution, make_offer

CONSENT = {"kind": "consent", "ground": "zgoda", "given_how": "signed", "fields": ["label", "contact", "needs", "note"]}
ALONE = {"kind": "no_data", "ground": ""}
LABEL = "Żaneta Próbna"


class Scene(Struct, kw_only=True):
    """The club (sender), the partner (receiver), their people, and one registered person."""

    club: UUID
    partner: UUID
    caseworker: Actor
    intake: Actor
    offer: UUID
    person: UUID
    case_code: str

    async def draft(self, **changes: Any) -> UUID:
        """A draft for the person and the offer, on consent."""
        facts: dict[str, Any] = {"person": self.person, "offer": self.offer, "need": "prawo", "basis": CONSENT}
        return await draft(**{"actor": self.caseworker, **facts, **changes})

    async def sent(self, **changes: Any) -> UUID:
        """A referral already sent."""
        task = await self.draft(**changes)
        await self.move(task, "send")
        return task

    async def accepted(self, **changes: Any) -> UUID:
        """A referral already accepted."""
        task = await self.sent(**changes)
        await self.move(task, "accept", by=self.intake)
        return task

    async def move(
        self,
        task: UUID,
        verb: str,
        fields: Mapping[str, object] | None = None,
        *,
        by: Actor | None = None,
        channel: str = "self",
        version: int | None = None,
    ) -> UUID:
        """Make a move with the present version."""
        if version is None:
            version = await version_of(task)
        return await perform(
            task, actor=by or self.caseworker, verb=verb, version=version, fields=fields, channel=channel
        )

    async def seen(self, task: UUID, by: Actor | None = None) -> Referral:
        """The referral as somebody sees it (by default the caseworker)."""
        return await referral(by or self.caseworker, task)

    async def guest(self, task: UUID) -> Actor:
        """The holder of a fresh answer link."""
        _, link = await make_link("a", by=SYSTEM, institution=self.partner, subject=task)
        return actor_of_link(link)

    async def participant(self) -> Actor:
        """The person with the own link."""
        _, link = await make_link("p", by=SYSTEM, subject=self.person)
        return actor_of_link(link)


async def make_scene(*, free: int | None = 2, kind: str = "ngo", **offer: Any) -> Scene:
    """A whole scene; `free` places at the offer (None: no reading)."""
    club = await make_institution("Klub Próbny", kind="kis", club=True)
    partner = await make_institution("Fundacja Próbna", kind=kind)
    await make_agreement(club)
    await make_agreement(partner)
    caseworker = await actor_for(club, "caseworker")
    person = await register(
        actor=caseworker, label=LABEL, sex="K", gmina="126301", groups=["bezdomne"], contact="600 700 800"
    )
    return Scene(
        club=club,
        partner=partner,
        caseworker=caseworker,
        intake=await actor_for(partner, "partner_intake"),
        offer=await make_offer(partner, free=free, **offer),
        person=person.id,
        case_code=person.case_code,
    )


async def row_of(task: UUID) -> Mapping[str, Any]:
    """The task's row, as the hub itself sees it."""
    async with transaction(SYSTEM) as sql:
        row: Mapping[str, Any] = await sql.fetchrow("select * from referral_task where id = $1", task)
        return row


async def state_of(task: UUID) -> str:
    return str((await row_of(task))["state"])


async def version_of(task: UUID) -> int:
    return int((await row_of(task))["version"])


async def places_of(offer: UUID) -> tuple[int | None, int, int]:
    """Free, held, taken since."""
    async with transaction(SYSTEM) as sql:
        row = await sql.fetchrow("select free, held, taken_since from offer_places where offer = $1", offer)
        return (row["free"], row["held"], row["taken_since"]) if row else (None, 0, 0)


async def rows(question: str, *arguments: object) -> list[Mapping[str, Any]]:
    """Raw SQL as the hub itself: sees everything."""
    async with transaction(SYSTEM) as sql:
        return list(await sql.fetch(question, *arguments))


async def value(question: str, *arguments: object) -> Any:
    """The first column of the first row, as the hub itself sees it."""
    found = await rows(question, *arguments)
    return found[0][0] if found else None  # type: ignore[index]


async def fetch_as(actor: Actor, question: str, *arguments: object) -> list[Mapping[str, Any]]:
    """Raw SQL under an actor's scope: what row-level security lets through."""
    async with transaction(actor.scope) as sql:
        return list(await sql.fetch(question, *arguments))


def in_days(number: int) -> str:
    """A day ahead (or behind), as text."""
    return (clock.today() + timedelta(days=number)).isoformat()
