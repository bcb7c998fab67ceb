"""The answer of `GET /api/v1/offers` as CONTRACT.md shapes it, encoded to bytes. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import msgspec

from referral_hub.directory.cards import Card, Contact, Site, notices_of, phones_for
from referral_hub.directory.read_model import Model, remember
from referral_hub.directory.read_model_places import distance_to, shown_site
from referral_hub.directory.read_model_search import Found
from referral_hub.directory.read_model_why import why
from referral_hub.geography.units import unit
from referral_hub.search.places import Place
from referral_hub.vocabularies import book
from referral_hub.web.wording import OWN_NAMES

_FACETS = ("form", "need", "audience", "kind", "municipality", "language")


def answer(model: Model, found: Found, language: str) -> bytes:
    """The page of results, facets, and what was understood."""
    items = [_item(model, found, number, language) for number in found.numbers]
    facets = {name: facet(name, found.facets[name], language) for name in _FACETS}
    return msgspec.json.encode(
        {
            "total": found.total,
            "page": found.page,
            "pages": found.pages,
            "items": items,
            "facets": facets,
            "understood": understood(found),
        }
    )


def facet(name: str, counts: Mapping[str, int], language: str) -> list[dict[str, Any]]:
    """Codes with labels and counts, the largest first."""
    rows = [{"code": code, "label": label_of(name, code, language), "count": count} for code, count in counts.items()]
    return sorted(rows, key=lambda row: (-row["count"], row["label"]))


def label_of(name: str, code: str, language: str) -> str:
    """The label of a code of a facet; places and languages are no vocabularies."""
    if name == "municipality":
        found = unit(code)
        return found.name if found else code
    if name == "language":
        return OWN_NAMES.get(code, code)
    return book.label(name, code, language)


def understood(found: Found) -> dict[str, Any]:
    """What the search took from the words: terms, the place, the text with slips mended."""
    place = _place(found.places[0], found.widened_km) if found.places else None
    corrected = found.query.corrected or found.corrected_place
    return {"terms": list(found.query.terms), "place": place, "corrected": corrected, "missed": list(found.missed)}


def _place(place: Place, widened: float | None) -> dict[str, Any]:
    return {
        "name": place.name,
        "terc": place.code,
        "kind": place.kind,
        "near_km": place.near_km,
        "widened": widened is not None,
    }


def _item(model: Model, found: Found, number: int, language: str) -> dict[str, Any]:
    """An item; what does not depend on the search is encoded once and kept."""
    card = model.by_number[number]
    site = shown_site(card, found.places)
    facts = remember(
        model.parts.setdefault(card.id, {}),
        ("item", site.id if site else "", language),
        lambda: {
            name: msgspec.Raw(msgspec.json.encode(part)) for name, part in _facts(card, site, language, model.day)
        },
    )
    item: dict[str, Any] = dict(facts)
    item["site"] = _site(site, distance_to(model, number, found.places))
    item["why"] = why(model, found, number, language)
    return item


def _facts(card: Card, site: Site | None, language: str, today: date) -> Iterable[tuple[str, Any]]:
    partner = card.partner
    phones = phones_for(card, site)
    yield "id", card.id
    yield "title", card.title(language)
    yield "url", f"/offers/{card.id}"
    yield "form", card.form
    yield "needs", card.needs
    yield "audiences", card.audiences
    yield "source_ids", card.source_ids
    yield (
        "institution",
        {"id": partner.id, "name": partner.name, "kind": partner.kind, "source_ids": partner.source_ids},
    )
    yield "contact", {"phone": written(phones[0]) if phones else None, "hours_text": _hours(site)}
    yield "capacity", card.capacity
    if card.status == "closed":
        yield "closed", {"until": card.closed_until, "why": card.closed_why}
    yield (
        "notice",
        [
            {"text": notice.text, "from_on": notice.from_on, "until_on": notice.until_on}
            for notice in notices_of(card, today)
        ],
    )


def _hours(site: Site | None) -> str | None:
    return (site.hours_text or None) if site else None


def written(contact: Contact) -> str:
    """A number as one dials it, its extension after it."""
    return f"{contact.written} wew. {contact.extension}" if contact.extension else contact.written


def _site(site: Site | None, distance: float | None) -> dict[str, Any] | None:
    """Municipality and code of a site; coordinates only where the address is public."""
    if site is None:
        return None
    at = site.address
    return {
        "municipality": site.municipality,
        "terc": site.terc,
        "lat": at.lat if at else None,
        "lon": at.lon if at else None,
        "distance_km": None if distance is None else round(distance, 1),
    }
