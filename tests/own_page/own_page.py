"""A person with a card, as the tests of the own pages meet it."""

from uuid import UUID

import httpx

from referral_hub.accounts.links import make_link
from referral_hub.database.transaction import SYSTEM
from tests.referral_pages.rows import value
from tests.referral_pages.scenes import Scene


async def a_person(web: httpx.AsyncClient, scene: Scene) -> tuple[str, str]:
    """The secret and the code of the person's link; nobody is signed in any more."""
    secret, link = await make_link("p", by=SYSTEM, subject=scene.person, with_code=True)
    web.cookies.clear()
    web.headers.pop("X-CSRF-Token", None)
    return secret, link.code


async def number_of(task: UUID) -> str:
    return str(await value("select number from referral_task where id = $1", task))


async def by_link(web: httpx.AsyncClient, scene: Scene) -> str:
    secret, code = await a_person(web, scene)
    assert (await web.get(f"/p/{secret}")).headers["location"] == "/p?lang=pl"
    return code
