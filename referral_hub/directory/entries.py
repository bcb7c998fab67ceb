"""An entry (an offer, a site, an institution) as its form sees it: one flat set of values, read and written as one.

The same values are what two editors merge, what waits for approval, what history gives back. Some are columns, some
parts of one (`age_from` of `eligibility`), some rows of their own (`phone`, `sites`), `hours_text` those of the
offer's only site.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import connection, transaction
from referral_hub.directory.actions import edit_offer, edit_site
from referral_hub.directory.contact_forms import contact_fields, read_contacts
from referral_hub.directory.ownership import locked, looks_after
from referral_hub.errors import NotFound, Refused
from referral_hub.institutions.actions import NewContact, edit_institution, set_contacts
from referral_hub.web.forms import Form

PARTS = {"age_from": "age_from", "age_to": "age_to", "sex": "sex", "everybody": "everybody", "conditions": "note"}
"""Value → key of `eligibility`."""
CONTACTS = ("phone", "email", "www")
COLUMNS: dict[str, tuple[str, ...]] = {
    "offer": (
        "title", "form", "needs", "audiences", "first_step", "papers", "intake_mode", "cost", "remote", "area",
        "description", "rhythm", "title_en", "title_uk", "by_category", "details", "status", "visible_from",
    ),
    "site": ("name", "street", "post_code", "place", "terc", "hours_text", "travel", "address_visibility", "status"),
    "institution": ("name", "short_name", "kind", "terc", "description", "status"),
}  # fmt: skip
SHOWN: dict[str, tuple[str, ...]] = {
    "offer": (
        "title", "form", "needs", "audiences", "everybody", "first_step", "papers", "intake_mode", "cost", "sites",
        "remote", "area", "hours_text", "phone", "email", "www", "age_from", "age_to", "sex", "conditions",
        "description", "rhythm", "title_en", "title_uk", "by_category", "details", "status", "visible_from",
    ),
    "site": (
        "name", "street", "post_code", "place", "terc", "hours_text", "travel", "access", "access_text",
        "address_visibility", "status",
    ),
    "institution": ("name", "short_name", "kind", "terc", "description", "phone", "email", "www", "status"),
}  # fmt: skip
"""Every value of a kind, in the order of its form."""


_ROWS = {"offer": "select * from offer where id = $1", "site": "select * from site where id = $1"}


class Entry(Struct, frozen=True):
    """`values` has the keys of SHOWN[kind]; `waits`: what its own editors change waits for the coordinator.

    `institution_status` is draft, published, archived or merged; `hours_at` the offer's only site.
    """

    kind: str
    id: UUID
    institution: UUID
    institution_name: str
    institution_status: str
    waits: bool
    version: int
    values: dict[str, Any]
    row: dict[str, Any]
    contacts: list[NewContact]
    hours_at: UUID | None = None

    @property
    def status(self) -> str:
        """The row's own status."""
        return str(self.values["status"])

    @property
    def title(self) -> str:
        """What a page calls it."""
        if self.kind == "site":
            return str(self.values["name"] or self.values["street"] or self.values["place"])
        return str(self.values["title" if self.kind == "offer" else "name"])


async def entry_of(kind: str, row_id: UUID, actor: Actor) -> Entry:
    """The entry as it stands. Raises NotFound for what is not there or not the actor's to look after."""
    async with connection() as sql:
        return await read_entry(sql, kind, row_id, actor, lock=False)


async def read_entry(sql: asyncpg.Connection, kind: str, row_id: UUID, actor: Actor, *, lock: bool = True) -> Entry:
    """The entry, held against other writers until the transaction ends unless it is only looked at. Raises NotFound."""
    if kind not in SHOWN:
        raise NotFound
    row = None
    if kind != "institution":
        row = await locked(sql, kind, row_id, actor) if lock else await sql.fetchrow(_ROWS[kind], row_id)
        if row is None:
            raise NotFound
    whose = row["institution"] if row is not None else row_id
    held = " for no key update" if lock else ""
    owner = await sql.fetchrow(f"select * from institution where id = $1{held}", whose)  # noqa: S608 -- words of ours
    if owner is None or not looks_after(actor, owner["id"]):
        raise NotFound
    facts = dict(row if row is not None else owner)
    contacts = await _contacts(sql, owner["id"], None if kind == "institution" else row_id)
    values = {name: facts[name] for name in COLUMNS[kind]}
    hours_at = None
    if kind == "offer":
        hours_at = await _offer_values(sql, facts, values)
    if kind == "site":
        facts["accessibility"] = msgspec.json.decode(facts["accessibility"])
        overall = facts["accessibility"].get("overall") or {}
        values |= {"access": overall.get("answer", "unknown"), "access_text": overall.get("text", "")}
    else:
        values |= contact_fields(contacts)
    return Entry(
        kind=kind,
        id=row_id,
        institution=owner["id"],
        institution_name=owner["name"],
        institution_status=owner["status"],
        waits=owner["edits_wait"],
        version=facts["version"],
        values={name: values[name] for name in SHOWN[kind]},
        row=facts,
        contacts=contacts,
        hours_at=hours_at,
    )


async def _offer_values(sql: asyncpg.Connection, facts: dict[str, Any], values: dict[str, Any]) -> UUID | None:
    """Fill in what stands in parts and rows of its own; the only site, whose hours the offer's form shows."""
    for name in ("eligibility", "details"):
        facts[name] = msgspec.json.decode(facts[name])
    values["details"] = facts["details"]
    empty = {"age_from": None, "age_to": None, "sex": "", "everybody": False, "conditions": ""}
    values |= {name: facts["eligibility"].get(key) or empty[name] for name, key in PARTS.items()}
    sites = await sql.fetch(
        """select s.id, s.hours_text from offer_site o join site s on s.id = o.site where o.offer = $1
        order by s.main desc, s.id""",
        facts["id"],
    )
    only = sites[0] if len(sites) == 1 else None
    values |= {"sites": [str(site["id"]) for site in sites], "hours_text": only["hours_text"] if only else ""}
    return only["id"] if only else None


async def _contacts(sql: asyncpg.Connection, institution: UUID, belongs_to: UUID | None) -> list[NewContact]:
    rows = await sql.fetch(
        """select kind, value, extension, label, visibility, belongs_to, confirmed_on, source from contact
        where institution = $1 and belongs_to is not distinct from $2 order by position, id""",
        institution,
        belongs_to,
    )
    return [NewContact(**dict(row)) for row in rows]


async def write_entry(
    entry: Entry, changes: Mapping[str, Any], *, actor: Actor, source: str, why: str = "", version: int | None = None
) -> int:
    """Write the named values of an entry just read; its version after it. One transaction with whatever is around.

    Raises Refused("invalid") as the actions below it do, Stale.
    """
    unknown = set(changes) - set(SHOWN[entry.kind])
    if unknown:
        raise Refused("unknown_field")
    async with transaction(actor.scope):
        if entry.kind != "site" and any(name in changes for name in CONTACTS):
            await _write_contacts(entry, changes, actor, source, why)
        columns = {name: changes[name] for name in COLUMNS[entry.kind] if name in changes}
        if entry.kind == "institution":
            return await edit_institution(entry.id, columns, by=actor.scope, source=source, version=version, why=why)
        if entry.kind == "site":
            columns |= _site_columns(entry, changes)
            return await edit_site(entry.id, columns, actor=actor, version=version, source=source, why=why)
        return await _write_offer(entry, changes, columns, actor=actor, source=source, why=why, version=version)


async def _write_offer(
    entry: Entry,
    changes: Mapping[str, Any],
    columns: dict[str, Any],
    *,
    actor: Actor,
    source: str,
    why: str,
    version: int | None,
) -> int:
    if "details" in columns:
        columns.setdefault("form", entry.values["form"])
    if any(name in changes for name in PARTS):
        told = {key: changes.get(name, entry.row["eligibility"].get(key)) for name, key in PARTS.items()}
        # What no field shows (a stage of therapy) stays as it is.
        whole = {**entry.row["eligibility"], **told}
        columns["eligibility"] = {key: value for key, value in whole.items() if value not in (None, "", False)}
    sites = [UUID(str(site)) for site in changes["sites"]] if "sites" in changes else None
    reached = await edit_offer(entry.id, columns, actor=actor, version=version, sites=sites, source=source, why=why)
    at = sites[0] if sites is not None and len(sites) == 1 else entry.hours_at if sites is None else None
    if "hours_text" in changes and at is not None:
        await edit_site(at, {"hours_text": changes["hours_text"]}, actor=actor, source=source, why=why)
    return reached


def _site_columns(entry: Entry, changes: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "access" in changes or "access_text" in changes:
        told = {name: changes.get(name, entry.values[name]) for name in ("access", "access_text")}
        overall = {"answer": told["access"], "text": told["access_text"]}
        found["accessibility"] = {**entry.row["accessibility"], "overall": overall}
    if any(name in changes and changes[name] != entry.values[name] for name in ("place", "terc")):
        # Coordinates of another town would put it on the map where it is not.
        found |= {"lat": None, "lon": None, "precision": ""}
    return found


async def _write_contacts(entry: Entry, changes: Mapping[str, Any], actor: Actor, source: str, why: str) -> None:
    form = Form({name: changes.get(name, entry.values[name]) for name in CONTACTS})
    contacts = read_contacts(form, entry.contacts)
    form.check()
    belongs_to = None if entry.kind == "institution" else entry.id
    await set_contacts(entry.institution, contacts, by=actor.scope, source=source, belongs_to=belongs_to, why=why)
