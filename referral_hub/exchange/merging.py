"""One institution out of everything its rows say: fields, places, contacts, offers. Pure, and blind to the order.

The result depends only on the set of rows, so it is the same whichever file came first.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from msgspec import Struct

from referral_hub.exchange.drafts import ContactDraft, OfferDraft, RowDraft, SiteDraft
from referral_hub.exchange.precedence import PRECISION
from referral_hub.exchange.same import house, same_address
from referral_hub.institutions.names import fold
from referral_hub.institutions.source_ranks import SEEDED, Ranks
from referral_hub.vocabularies.book import forms_for, needs_for

T = TypeVar("T")
Reference = tuple[str, str]
"""(source, row id)."""


class Claim(Struct, frozen=True):
    """What one row of one source says."""

    source: str
    kind: str
    row: RowDraft

    @property
    def reference(self) -> Reference:
        """The row's identity."""
        return self.source, self.row.id


class MergedSite(Struct, frozen=True):
    """A place and the rows that name it: (reference, number of the site in the row)."""

    values: dict[str, Any]
    members: tuple[tuple[Reference, int], ...]


class MergedOffer(Struct, frozen=True):
    """An offer and the rows that make it: (reference, name of the offer in the row)."""

    values: dict[str, Any]
    members: tuple[tuple[Reference, str], ...]
    sites: tuple[int, ...]


class Merged(Struct, frozen=True):
    """The institution as its rows have it."""

    values: dict[str, Any]
    identifiers: dict[str, str]
    contacts: tuple[ContactDraft, ...]
    sites: tuple[MergedSite, ...]
    offers: tuple[MergedOffer, ...]


def offer_name(offer: OfferDraft) -> str:
    """What a row calls one of its offers; kept in the row's record beside the offer's id."""
    return f"{offer.form}|{offer.key}" if offer.key else offer.form


class _Rows(Struct, frozen=True):
    """Rows of one institution, and in which order each field believes them."""

    claims: tuple[Claim, ...]
    ranks: Ranks

    def by(self, field: str) -> list[Claim]:
        """The rows, whoever is believed first about the field on top."""
        return sorted(self.claims, key=lambda claim: self._key(field, claim))

    def first(self, field: str, said: Callable[[Claim], T]) -> T | None:
        """What the row believed first for the field says, if it says anything."""
        return next((value for claim in self.by(field) if (value := said(claim))), None)

    def only(self, claims: Iterable[Claim]) -> "_Rows":
        """Some of the rows."""
        return _Rows(tuple(claims), self.ranks)

    def _key(self, field: str, claim: Claim) -> tuple[Any, ...]:
        day = claim.row.as_at.toordinal() if claim.row.as_at else 0
        return self.ranks.rank(field, claim.kind), -day, claim.source, claim.row.id


def merge(claims: Iterable[Claim], ranks: Ranks = SEEDED) -> Merged:
    """Everything the rows of one institution say together. There is at least one row."""
    rows = _Rows(tuple(claims), ranks)
    rows = rows.only(rows.by("name"))
    sites = _sites(rows)
    return Merged(
        {
            "name": rows.first("name", lambda claim: claim.row.institution.name),
            "kind": rows.first("kind", lambda claim: claim.row.institution.kind),
            "terc": rows.first("terc", lambda claim: claim.row.institution.terc) or "",
        },
        {
            scheme: value
            for claim in reversed(rows.claims)
            for scheme, value in claim.row.institution.identifiers.items()
        },
        _contacts(rows.by("contacts")),
        sites,
        _offers(rows, sites),
    )


def _contacts(rows: Sequence[Claim]) -> tuple[ContactDraft, ...]:
    """Every contact once; a number that is telephone and fax is a telephone."""
    found: dict[tuple[str, str, str], ContactDraft] = {}
    for claim in rows:
        for contact in claim.row.contacts:
            kind = contact.kind if contact.kind in {"email", "www", "fax"} else "phone"
            key = (kind, fold(contact.value), contact.extension)
            if key not in found or (contact.label and not found[key].label):
                found[key] = contact
    spoken = {value for kind, value, _ in found if kind == "phone"}
    return tuple(one for (kind, value, _), one in found.items() if kind != "fax" or value not in spoken)


def _sites(rows: _Rows) -> tuple[MergedSite, ...]:
    """Places told apart by their address; a town without a street joins a house in it."""
    said = [(claim, number, site) for claim in rows.claims for number, site in enumerate(claim.row.sites)]
    groups: list[list[tuple[Claim, int, SiteDraft]]] = []
    for one in sorted(said, key=lambda each: not house(each[2].street)):
        group = next((group for group in groups if _is_of(one[2], group[0][2])), None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    merged = [_site(rows, group) for group in groups]
    return tuple(MergedSite({**one.values, "main": not place}, one.members) for place, one in enumerate(merged))


def _is_of(site: SiteDraft, other: SiteDraft) -> bool:
    if not house(site.street):
        return fold(site.place) == fold(other.place)
    return same_address(_address(site), _address(other))


def _address(site: SiteDraft) -> tuple[str, str, str]:
    return site.street, site.post_code, site.place


def _site(every: _Rows, group: list[tuple[Claim, int, SiteDraft]]) -> MergedSite:
    site_of = {claim.reference: site for claim, _, site in reversed(group)}
    rows = every.only(claim for claim, _, _ in group)

    def first(field: str) -> Any:
        return rows.first(field, lambda claim: getattr(site_of[claim.reference], field))

    finest = min((site for _, _, site in group), key=lambda site: PRECISION.index(site.precision))
    accessibility: dict[str, dict[str, str]] = {}
    for claim in reversed(rows.by("accessibility")):
        accessibility |= site_of[claim.reference].accessibility
    values = {field: first(field) or "" for field in ("street", "post_code", "place", "terc", "hours_text")}
    hidden = any(site.address_visibility == "staff" for _, _, site in group)
    values |= {"lat": finest.lat, "lon": finest.lon, "precision": finest.precision, "accessibility": accessibility}
    values["address_visibility"] = "staff" if hidden else "public"
    return MergedSite(values, tuple((claim.reference, number) for claim, number, _ in group))


def _offers(rows: _Rows, sites: Sequence[MergedSite]) -> tuple[MergedOffer, ...]:
    every: dict[Reference, set[int]] = defaultdict(set)
    for place, site in enumerate(sites):
        for reference, _ in site.members:
            every[reference].add(place)
    return tuple(_offer(rows, slot, every) for slot in _slots(rows.claims))


def _slots(rows: Sequence[Claim]) -> list[list[tuple[Claim, OfferDraft]]]:
    """Which offers of rows are one: those with the same key, and the only ones of their form in each source.

    A register that lists a form of one institution in several rows means several services: they stay apart.
    """
    said: dict[str, list[tuple[Claim, OfferDraft]]] = defaultdict(list)
    for claim in rows:
        for offer in claim.row.offers:
            said[offer_name(offer)].append((claim, offer))
    slots: list[list[tuple[Claim, OfferDraft]]] = []
    for name in sorted(said):
        by_source: dict[str, list[tuple[Claim, OfferDraft]]] = defaultdict(list)
        for one in said[name]:
            by_source[one[0].source].append(one)
        if said[name][0][1].key:
            slots.append(said[name])
            continue
        shared = [one for ones in by_source.values() if len(ones) == 1 for one in ones]
        slots += [shared] if shared else []
        slots += [[one] for ones in by_source.values() if len(ones) > 1 for one in ones]
    return slots


def _offer(whole: _Rows, slot: list[tuple[Claim, OfferDraft]], sites: dict[Reference, set[int]]) -> MergedOffer:
    offer_of = {claim.reference: offer for claim, offer in reversed(slot)}
    rows = whole.only(claim for claim, _ in slot)

    def first(field: str) -> Any:
        return rows.first(field, lambda claim: getattr(offer_of[claim.reference], field))

    def union(field: str) -> list[str]:
        return list(dict.fromkeys(value for _, offer in slot for value in getattr(offer, field)))

    form = slot[0][1].form
    needs = union("needs")
    texts = list(dict.fromkeys(claim.row.text for claim in rows.claims if claim.row.text))
    values = {
        "form": form,
        "title": first("title"),
        "needs": list(dict.fromkeys((*_first_needs(form), *needs))) if needs else [],
        "audiences": union("audiences"),
        "eligibility": first("eligibility") or {},
        "area": list(first("area") or ()),
        "sensitive": any(offer.sensitive for _, offer in slot),
        "source_text": "\n\n".join(texts)[:20_000],
    }
    places = sorted({place for claim in rows.claims for place in sites.get(claim.reference, ())})
    members = tuple((claim.reference, offer_name(offer)) for claim, offer in slot)
    return MergedOffer(values, members, tuple(places))


def _first_needs(form: str) -> tuple[str, ...]:
    """Needs the form answers first of all: naming others by hand must not take these away."""
    return tuple(need for need in needs_for(form) if forms_for(need).get(form) == 1)
