"""Small builders of rows for tests, straight into the tables: the actions have tests of their own."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from referral_hub import clock
from referral_hub.accounts.actions import add_account, sign_in
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.sessions import COOKIE, actor_of_session
from referral_hub.database.columns import new_id, to_json
from referral_hub.database.transaction import SYSTEM, transaction

PASSWORD = "dwanaście znaków"
_counter = iter(range(1, 10**9))


async def _insert(table: str, values: dict[str, Any]) -> UUID:
    values = {"id": new_id(), **values}
    names, places = ", ".join(values), ", ".join(f"${place}" for place in range(1, len(values) + 1))
    async with transaction(SYSTEM) as sql:
        await sql.execute(f"insert into {table} ({names}) values ({places})", *values.values())
    return values["id"]


async def make_institution(name: str = "Instytucja Próbna", kind: str = "ngo", **values: Any) -> UUID:
    """A published institution."""
    moment = clock.now()
    return await _insert(
        "institution",
        {"kind": kind, "name": name, "sort_key": name, "made_at": moment, "updated_at": moment, **values},
    )


async def make_site(institution: UUID, **values: Any) -> UUID:
    """A site in Tarnów unless told otherwise."""
    return await _insert(
        "site",
        {
            "institution": institution,
            "street": "ul. Próbna 1",
            "post_code": "33-100",
            "place": "Tarnów",
            "terc": "126301",
            "lat": 50.0121,
            "lon": 20.9858,
            "updated_at": clock.now(),
            **values,
        },
    )


async def make_offer(institution: UUID, form: str = "por_prawne", title: str = "Oferta próbna", **values: Any) -> UUID:
    """A published offer; `site=` puts it there, `free=` gives it a declared reading of today."""
    site, free = values.pop("site", None), values.pop("free", None)
    moment = clock.now()
    offer = await _insert(
        "offer",
        {
            "institution": institution,
            "form": form,
            "title": title,
            "made_at": moment,
            "updated_at": moment,
            **values,
        },
    )
    if site is not None:
        await _insert("offer_site", {"offer": offer, "site": site})
    if free is not None:
        reading = await _insert(
            "capacity_reading",
            {"offer": offer, "as_of": moment, "recorded_at": moment, "source": "declared", "free": free},
        )
        async with transaction(SYSTEM) as sql:
            await sql.execute(
                "insert into offer_places (offer, reading, free) values ($1, $2, $3)", offer, reading, free
            )
    return offer


async def make_agreement(institution: UUID) -> UUID:
    """The agreement without which an institution may not pass personal data."""
    return await _insert(
        "data_agreement",
        {"institution": institution, "kind": "agreement", "signed_on": clock.today() - timedelta(days=30)},
    )


async def make_account(institution: UUID, *roles: str, email: str = "") -> str:
    """An account with PASSWORD; its e-mail."""
    email = email or f"konto{next(_counter)}@hub.example"
    await add_account(email, institution=institution, roles=roles, by=SYSTEM, password=PASSWORD)
    return email


async def actor_for(institution: UUID, *roles: str) -> Actor:
    """A signed-in actor of this institution, in the first of its roles."""
    actor = await actor_of_session(await sign_in(await make_account(institution, *roles), PASSWORD))
    assert actor is not None
    return actor.acting_as(roles[0])


async def sign_in_as(web: httpx.AsyncClient, institution: UUID, *roles: str) -> Actor:
    """Sign this client in as a new account; sends the CSRF token as a header from now on."""
    secret = await sign_in(await make_account(institution, *roles), PASSWORD)
    web.cookies.set(COOKIE, secret)
    actor = await actor_of_session(secret)
    assert actor is not None
    web.headers["X-CSRF-Token"] = actor.csrf
    return actor


__all__ = [
    "PASSWORD",
    "actor_for",
    "make_account",
    "make_agreement",
    "make_institution",
    "make_offer",
    "make_site",
    "sign_in_as",
    "to_json",
]
