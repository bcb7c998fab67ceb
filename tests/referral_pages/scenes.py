"""A small network for pages: a club that sends, a clinic that receives, and a person."""

import re
from uuid import UUID

import httpx
from msgspec import Struct

from referral_hub.accounts.actor import Actor
from referral_hub.participants.actions import register
from referral_hub.referrals.actions import draft, perform
from tests.build import actor_for, make_agreement, make_institution, make_offer, make_site, sign_in_as
from tests.referral_pages.rows import value

NAME = "Zenobia Żółtopolska"


class Scene(Struct):
    """Ids of a scene; `worker` is the caseworker signed in with the client."""

    club: UUID
    clinic: UUID
    offer: UUID
    worker: Actor
    person: UUID


async def a_scene(web: httpx.AsyncClient, *, free: int | None = 3, **offer: object) -> Scene:
    """A club with an agreement and one person; a clinic in Tarnów with places."""
    club = await make_institution("Klub Próbny", kind="kis", club=True)
    await make_agreement(club)
    clinic = await make_institution("Poradnia Nadzieja", kind="lecznictwo_odwykowe")
    await make_agreement(clinic)
    site = await make_site(clinic, hours_text="pn–pt 8–18")
    made = await make_offer(clinic, "terapia_uzaleznien", "Terapia uzależnień", site=site, free=free, **offer)
    worker = await sign_in_as(web, club, "caseworker")
    person = await register(actor=worker, label=NAME, sex="K", gmina="126301", contact="600 700 800")
    return Scene(club, clinic, made, worker, person.id)


async def a_plain_scene(web: httpx.AsyncClient, *, free: int = 3) -> Scene:
    """As `a_scene`, but going to this receiver says nothing about a person: its links ask for no code."""
    club = await make_institution("Klub Próbny", kind="kis", club=True)
    centre = await make_institution("Centrum Wolontariatu", kind="ngo")
    for one in (club, centre):
        await make_agreement(one)
    offer = await make_offer(centre, "por_prawne", "Porady prawne", free=free)
    worker = await sign_in_as(web, club, "caseworker")
    person = await register(actor=worker, label=NAME, sex="K", gmina="126301", contact="600 700 800")
    return Scene(club, centre, offer, worker, person.id)


CONSENT = {"kind": "consent", "ground": "zgoda", "given_how": "signed", "fields": ["label", "contact", "needs", "note"]}


async def a_referral(
    scene: Scene, *, basis: dict[str, object] | None = None, sent: bool = True, note: str = ""
) -> UUID:
    """A referral of the scene's person to its clinic, sent unless told otherwise."""
    task = await draft(
        actor=scene.worker,
        person=scene.person,
        offer=scene.offer,
        need="uzaleznienie",
        basis=basis or CONSENT,
        note=note,
    )
    if sent:
        await perform(task, actor=scene.worker, verb="send", version=1)
    return task


async def the_receiver(scene: Scene) -> Actor:
    """Somebody of the clinic who answers."""
    return await actor_for(scene.clinic, "partner_intake")


async def version_of(task: UUID) -> int:
    return int(await value("select version from referral_task where id = $1", task))


async def state_of(task: UUID) -> str:
    return str(await value("select state from referral_task where id = $1", task))


def text_of(page: str) -> str:
    """What a reader sees: tags away, spaces single."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def hidden_fields(form: str) -> dict[str, str]:
    """The hidden fields of a form's markup."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))


def form_with(page: str, *needles: str) -> str:
    """The markup of the one form that holds all needles."""
    forms = [
        form for form in re.findall(r"<form.*?</form>", page, re.DOTALL) if all(needle in form for needle in needles)
    ]
    assert len(forms) == 1, f"{len(forms)} forms with {needles}"
    return forms[0]
