"""Why a result was found, in sentences of the reader's language. Pure."""

from referral_hub.directory.cards import Card, has_free_places
from referral_hub.directory.read_model import Model
from referral_hub.directory.read_model_search import Found
from referral_hub.geography.units import Unit, unit
from referral_hub.search.match import Reason, reasons
from referral_hub.vocabularies import book
from referral_hub.web.wording import translate, translate_count


def why(model: Model, found: Found, number: int, language: str, *, count_places: bool = True) -> list[str]:
    """Each thing asked for with what met it, then how the offer reaches the place, then free places."""
    card = model.by_number[number]
    told = [_sentence(reason, language) for reason in reasons(model.index, found.query, number)]
    reach = _reach(card, found, language)
    if reach:
        told.append(reach)
    if count_places and has_free_places(card.capacity):
        count = card.capacity.free or 0
        told.append(translate_count(language, "%(num)s free place", "%(num)s free places", count))
    return list(dict.fromkeys(told))


def _sentence(reason: Reason, language: str) -> str:
    typed = translate(language, "“%(words)s”", words=reason.typed)
    if reason.code is not None:
        vocabulary, _, code = reason.code.partition(":")
        return f"{typed} → {book.label(vocabulary, code, language)}"
    return f"{typed} – {translate(language, f'why.{reason.field}')}"


def _reach(card: Card, found: Found, language: str) -> str | None:
    """How the offer reaches the place asked for: it is there, serves it from elsewhere, or comes by phone."""
    if not found.places:
        return None
    place = found.places[0]
    here = [site for site in card.sites if any(site.terc.startswith(area) for area in place.areas)]
    if here:
        return translate(language, "on the spot: %(place)s", place=here[0].municipality)
    served = [area for area in card.area if place.code.startswith(area) or area.startswith(place.code)]
    named = unit(served[0]) if served else None
    if named is not None:
        return translate(language, "also serves: %(place)s", place=area_name(named, language))
    return translate(language, "by phone or internet") if card.remote else None


def area_name(area: Unit, language: str) -> str:
    """A unit as part of an area served: a powiat and a voivodeship are named as such."""
    if area.kind == "county":
        return translate(language, "county %(name)s", name=area.name)
    return translate(language, "voivodeship %(name)s", name=area.name) if area.kind == "voivodeship" else area.name
