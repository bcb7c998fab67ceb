"""What has to change so that an institution in the directory is as its rows say, and no more than that. Pure.

A value somebody of the network gave stays: it is never written over, only reported as kept. What no row says any
longer is archived, not deleted.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from msgspec import Struct, field, structs

from referral_hub.database.columns import new_id
from referral_hub.directory.hours import read_hours, stored, tidy
from referral_hub.exchange.drafts import ContactDraft
from referral_hub.exchange.merging import Merged, MergedOffer, MergedSite, Reference
from referral_hub.exchange.same import same_address
from referral_hub.vocabularies import book
from referral_hub.vocabularies.words import sort_key

UNTRACKED = ("source_text", "sort_key", "hours")
"""Fields without a history of their own: they follow others, or stand in the row's record in full."""
OFFICIAL_KINDS = {"dps"}
"""Kinds one gets into by an administrative decision only."""


class State(Struct):
    """An institution as it stands: its rows, who gave each field last, which rows made which site and offer."""

    institution: dict[str, Any] | None = None
    sites: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    offers: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    offer_sites: set[tuple[UUID, UUID]] = field(default_factory=set)
    contacts: list[ContactDraft] = []
    identifiers: set[tuple[str, str]] = field(default_factory=set)
    held: set[tuple[UUID, str]] = field(default_factory=set)
    site_ids: dict[tuple[Reference, int], UUID] = field(default_factory=dict)
    offer_ids: dict[tuple[Reference, str], UUID] = field(default_factory=dict)


class Update(Struct, frozen=True):
    """Columns of one row to set."""

    table: str
    id: UUID
    values: dict[str, Any]


class Line(Struct, frozen=True):
    """A line of history: subject, field, the value before and after."""

    subject_kind: str
    subject: UUID
    field: str
    before: Any
    value: Any


class Difference(Struct):
    """Rows to add and to change, their history, what the rows of the file made, what was kept as people had it."""

    institution: UUID
    inserts: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)
    history: list[Line] = field(default_factory=list)
    contacts: list[ContactDraft] | None = None
    made: dict[Reference, dict[str, Any]] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)

    @property
    def changes_anything(self) -> bool:
        """Whether the directory looks different afterwards."""
        return bool(self.inserts or self.updates or self.contacts is not None)

    def count(self, table: str) -> int:
        """Rows added to a table."""
        return sum(one == table for one, _ in self.inserts)


def difference(institution: UUID, merged: Merged, state: State) -> Difference:
    """How to get from `state` to `merged`."""
    found = Difference(institution)
    values = {**merged.values, "sort_key": sort_key(merged.values["name"])}
    if state.institution is None:
        _insert(found, "institution", institution, values)
    else:
        changed = _changed(found, "institution", institution, values, state.institution, state)
        if "name" not in changed:
            changed.pop("sort_key", None)
        _update(found, "institution", institution, changed, state.institution)
    for scheme, value in merged.identifiers.items():
        if (scheme, value) not in state.identifiers:
            named = {"institution": institution, "scheme": scheme, "value": value}
            found.inserts.append(("institution_identifier", {"id": new_id(), **named}))
    sites = [_site(found, site, state) for site in merged.sites]
    offers: list[UUID] = []
    for offer in merged.offers:
        offers.append(_offer(found, offer, merged.values["kind"], sites, state, set(offers)))
    _archive(found, "site", set(state.site_ids.values()) - set(sites), state.sites, state)
    _archive(found, "offer", set(state.offer_ids.values()) - set(offers), state.offers, state)
    _contacts(found, merged.contacts, state)
    _remember(found, merged, sites, offers)
    return found


def _site(found: Difference, site: MergedSite, state: State) -> UUID:
    values = {**site.values, "hours_text": tidy(site.values["hours_text"])}
    values["hours"] = stored(read_hours(values["hours_text"]))
    ids = (state.site_ids[member] for member in site.members if member in state.site_ids)
    known = next((one for one in ids if one in state.sites), None) or _standing(values, state)
    if known is None:
        made = new_id()
        _insert(found, "site", made, {"institution": found.institution, **values, "status": "published"})
        return made
    row = state.sites[known]
    changed = _changed(found, "site", known, {**values, "status": "published"}, row, state)
    if "hours_text" not in changed:
        changed.pop("hours", None)
    if (known, "street") in state.held:
        changed = {name: value for name, value in changed.items() if name not in {"lat", "lon", "precision", "terc"}}
    _update(found, "site", known, changed, row)
    return known


def _standing(values: Mapping[str, Any], state: State) -> UUID | None:
    """A site of the institution at the same address that no row has made yet."""
    address = (values["street"], values["post_code"], values["place"])
    taken = set(state.site_ids.values())
    return next(
        (
            known
            for known, row in state.sites.items()
            if known not in taken and same_address(address, (row["street"], row["post_code"], row["place"]))
        ),
        None,
    )


def _offer(found: Difference, offer: MergedOffer, kind: str, sites: list[UUID], state: State, taken: set[UUID]) -> UUID:
    ids = [state.offer_ids[member] for member in offer.members if member in state.offer_ids]
    known = next((one for one in ids if one in state.offers and one not in taken), None)
    if known is None and not any("|" in name for _, name in offer.members):
        known = _unclaimed(offer.values["form"], state, taken)
    if known is None:
        known = new_id()
        _insert(found, "offer", known, {"institution": found.institution, **_new_offer(offer, kind)})
    else:
        row = state.offers[known]
        changed = _changed(found, "offer", known, {**offer.values, "status": "published"}, row, state)
        _update(found, "offer", known, changed, row)
    for place in offer.sites:
        if (known, sites[place]) not in state.offer_sites:
            found.inserts.append(("offer_site", {"id": new_id(), "offer": known, "site": sites[place]}))
    return known


def _unclaimed(form: str, state: State, taken: set[UUID]) -> UUID | None:
    """The institution's own offer of the form, if it has exactly one and no row has made it."""
    claimed = set(state.offer_ids.values()) | taken
    own = [one for one, row in state.offers.items() if row["form"] == form and one not in claimed]
    return own[0] if len(own) == 1 else None


def _new_offer(offer: MergedOffer, kind: str) -> dict[str, Any]:
    form = offer.values["form"]
    keyed = any("|" in name for _, name in offer.members)
    titles = {
        f"title_{language}": "" if keyed else book.label("form", form, language).capitalize()
        for language in ("en", "uk")
    }
    mode = "official" if kind in OFFICIAL_KINDS else "phone"
    counted = {"rhythm": book.rhythm(form), "unit": book.unit_of(form)}
    return {**offer.values, **titles, "intake_mode": mode, **counted, "status": "published"}


def _insert(found: Difference, table: str, made: UUID, values: dict[str, Any]) -> None:
    found.inserts.append((table, {"id": made, **values}))
    found.history += [
        Line(table, made, name, None, value)
        for name, value in values.items()
        if name not in UNTRACKED and name != "institution"
    ]


def _changed(
    found: Difference,
    table: str,
    subject: UUID,
    values: Mapping[str, Any],
    row: Mapping[str, Any],
    state: State,
) -> dict[str, Any]:
    """Fields whose value differs and that nobody of the network has given by hand."""
    changed = {name: value for name, value in values.items() if row[name] != value}
    for name in [name for name in changed if (subject, name) in state.held]:
        if changed.pop(name) not in ("", None, [], {}) and name not in {"status", "main"}:
            found.kept.append(f"{table}.{name}")
    return changed


def _update(found: Difference, table: str, subject: UUID, changed: dict[str, Any], row: Mapping[str, Any]) -> None:
    if changed:
        found.updates.append(Update(table, subject, changed))
        found.history += [
            Line(table, subject, name, row[name], value) for name, value in changed.items() if name not in UNTRACKED
        ]


def _archive(
    found: Difference, table: str, gone: Iterable[UUID], rows: Mapping[UUID, dict[str, Any]], state: State
) -> None:
    """What no row says any longer; not what somebody of the network has worked on."""
    edited = {subject for subject, _ in state.held}
    for one in sorted(gone):
        if one in rows and one not in edited and rows[one]["status"] == "published":
            _update(found, table, one, {"status": "archived"}, rows[one])


def _contacts(found: Difference, contacts: tuple[ContactDraft, ...], state: State) -> None:
    wanted = list(contacts)
    if wanted == state.contacts or not wanted:
        return
    if (found.institution, "contacts") in state.held:
        found.kept.append("contact.contacts")
        return
    found.contacts = wanted
    before = [structs.astuple(one) for one in state.contacts]
    after = [structs.astuple(one) for one in wanted]
    found.history.append(Line("contact", found.institution, "contacts", before, after))


def _remember(found: Difference, merged: Merged, sites: list[UUID], offers: list[UUID]) -> None:
    """Beside each row: the ids of its offers by name, and of its sites in order."""
    of_row: dict[Reference, dict[int, UUID]] = {}
    for site, made in zip(merged.sites, sites, strict=True):
        for reference, number in site.members:
            of_row.setdefault(reference, {})[number] = made
    names: dict[Reference, dict[str, UUID]] = {}
    for offer, made in zip(merged.offers, offers, strict=True):
        for reference, name in offer.members:
            names.setdefault(reference, {})[name] = made
    found.made = {
        reference: {
            "offers": names.get(reference, {}),
            "sites": [of_row.get(reference, {})[number] for number in sorted(of_row.get(reference, {}))],
        }
        for reference in {*of_row, *names}
    }
