"""What the search page shows: groups of filters, chips, addresses of every next step, cards made once.
Pure."""

from collections.abc import Container, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

import msgspec
from markupsafe import Markup
from msgspec import Struct

from referral_hub.directory.cards import Card, Site, away_on, hours_today, notices_of, phones_for
from referral_hub.directory.confidential import face
from referral_hub.directory.read_model import Model, make_model, remember
from referral_hub.directory.read_model_json import label_of
from referral_hub.directory.read_model_places import distance_to, shown_site
from referral_hub.directory.read_model_rows import Rows
from referral_hub.directory.read_model_search import Asked, Found, on_the_spot, search
from referral_hub.directory.read_model_why import why
from referral_hub.geography.units import unit
from referral_hub.search.polish import sort_key
from referral_hub.vocabularies import book
from referral_hub.web.page import render
from referral_hub.web.wording import translate

_SHOWN_OPTIONS = 5
_FREE = frozenset({"bezpłatnie", "bezpłatne", "bezpłatna", "nieodpłatnie", "za darmo"})
_SHOWN_AUDIENCES = 3
_GROUPS = (
    ("need", "need", "needs"),
    ("audience", "audience", "audiences"),
    ("form", "form", "forms"),
    ("kind", "kind", "kinds"),
    ("municipality", "place", "places"),
    ("language", "language", "languages"),
)


class Option(Struct, frozen=True):
    """One box of a group of filters."""

    code: str
    label: str
    count: int
    chosen: bool


class Group(Struct, frozen=True):
    """A group of filters under its heading (`heading` is the code of it); `rest` is folded away."""

    name: str
    parameter: str
    first: list[Option]
    rest: list[Option]


class Item(Struct, frozen=True):
    """One result: its card as HTML, and what depends on the search."""

    id: str
    title: str
    card: Markup
    terc: str
    distance: float | None
    why: list[tuple[str, bool]]


class Spot(Struct, frozen=True):
    """A gmina with results on the map."""

    code: str
    name: str
    count: int
    lat: float
    lon: float
    url: str


def parameters(asked: Asked) -> list[tuple[str, str]]:
    """A search as the parameters of its address, without the page."""
    pairs = [("q", asked.q), *(("need", code) for code in asked.needs), *(("place", name) for name in asked.places)]
    pairs += [("form", code) for code in asked.forms] + [("audience", code) for code in asked.audiences]
    pairs += [("kind", code) for code in asked.kinds] + [("language", code) for code in asked.languages]
    pairs += [("free", "1" if asked.free else ""), ("sort", asked.sort)]
    return [(name, value) for name, value in pairs if value]


def address(pairs: Sequence[tuple[str, str]]) -> str:
    """The address of a search."""
    return "/?" + urlencode(pairs) if pairs else "/"


def groups(asked: Asked, found: Found, language: str) -> list[Group]:
    """Every group that has something to choose."""
    made = []
    for name, parameter, attribute in _GROUPS:
        chosen = set(getattr(asked, attribute))
        if name == "municipality":
            chosen &= set(found.facets[name])
        options = [
            Option(code, label_of(name, code, language), count, code in chosen)
            for code, count in found.facets[name].items()
        ]
        if name == "language":  # Polish goes without saying
            options = [option for option in options if option.code != "pl"]
        options.sort(key=lambda option: (not option.chosen, -option.count, sort_key(option.label)))
        most = max(_SHOWN_OPTIONS, len(chosen))
        if options:
            made.append(Group(name, parameter, options[:most], options[most:]))
    return made


def chip_list(asked: Asked, found: Found, language: str, free_text: str) -> list[tuple[str, str]]:
    """Each filter in force with the address without it."""
    pairs = parameters(asked)
    chips = []
    for pair in pairs:
        text = _chip_text(*pair, language, free_text)
        if text:
            chips.append((text, address([other for other in pairs if other != pair])))
    if found.query.place is not None and not asked.places:
        rest = [("q", " ".join(found.query.terms)), *(other for other in pairs if other[0] != "q")]
        chips.append((found.query.place.name, address([pair for pair in rest if pair[1]])))
    return chips


def _chip_text(name: str, value: str, language: str, free_text: str) -> str:
    if name == "free":
        return free_text
    if name == "place":
        known = unit(value) if value.isdigit() else None
        return known.name if known else value
    if name in {"need", "form", "audience", "kind", "language"}:
        return label_of(name, value, language)
    return ""


def items(model: Model, found: Found, language: str, *, staff: bool = False) -> list[Item]:
    """The results of the page, each as this reader may see it."""
    made = []
    for number in found.numbers:
        card = face(model.by_number[number], staff=staff)
        site = shown_site(card, found.places)
        reasons = why(model, found, number, language, count_places=False)
        made.append(
            Item(
                card.id,
                card.title(language),
                card_html(model, card, site, language),
                site.terc if site else "",
                distance_to(model, number, found.places),
                [(text, False) for text in reasons],
            )
        )
    return made


def items_for_staff(model: Model, asked: Asked, shown: Container[str], language: str) -> list[Item]:
    """What only staff can find: offers whose whole answers words that their public face does not hold.

    They are looked for in an index of their own: no word of theirs may mend, widen or order what the public asks.
    """
    wholes = remember(model.shape, "wholes", lambda: _wholes(model))
    if not wholes.cards or not asked.q or asked.page > 1:
        return []
    found = search(wholes, asked)
    return [item for item in items(wholes, found, language) if item.id not in shown] if not found.missed else []


def _wholes(model: Model) -> Model:
    cards = {card.id: card.whole for card in model.cards.values() if card.whole is not None}
    partners = {card.partner.id: card.partner for card in cards.values()}
    return make_model(model.version, Rows(cards, partners), model.day)


def card_html(model: Model, card: Card, site: Site | None, language: str, *, own_page: bool = False) -> Markup:
    """A card, made once per language and kept until the directory changes or the day ends.

    `own_page`: on the page of its institution, which it then need not name.
    """

    def make() -> Markup:
        facts = {**card_facts(card, site, language, model.day), "own_page": own_page}
        return Markup(render("directory/card.html", language, facts))  # noqa: S704 -- our own template, autoescaped

    key = ("card", site.id if site else "", language, own_page, card.whole is None)
    return remember(model.parts.setdefault(card.id, {}), key, make)


def card_facts(card: Card, site: Site | None, language: str, today: date) -> Mapping[str, Any]:
    """What the template of a card is given."""
    phones = phones_for(card, site)
    return {
        "card": card,
        "site": site,
        "title": card.title(language),
        "kind": book.label("kind", card.partner.kind, language),
        "form": book.label("form", card.form, language),
        "audiences": [book.label("audience", code, language) for code in card.audiences[:_SHOWN_AUDIENCES]],
        "more_audiences": max(0, len(card.audiences) - _SHOWN_AUDIENCES),
        "speaks": speaks(card, language),
        "more_sites": max(0, len(card.sites) - 1),
        "phone": phones[0] if phones else None,
        "cost": (cost := cost_text(card, language)),
        "cost_is_polish": cost == card.cost,
        "today": hours_today(site, today),
        "away": away_on(card.partner, today),
        "notices": notices_of(card, today),
    }


def cost_text(card: Card, language: str) -> str:
    """What it costs: the commonest answer in every language, others as they were written."""
    return translate(language, "free of charge") if card.cost.strip(" .").lower() in _FREE else card.cost


def speaks(card: Card, language: str) -> list[str]:
    """Languages spoken besides Polish, which goes without saying."""
    return [label_of("language", code, language) for code in card.languages if code != "pl"]


def spots(model: Model, asked: Asked, found: Found) -> list[Spot]:
    """Gminy with results on the spot, in the order of their names; each leads to what there is for its
    people."""
    pairs = [pair for pair in parameters(asked) if pair[0] != "place"]
    if found.query.place is not None:
        pairs = [("q", " ".join(found.query.terms)) if pair[0] == "q" else pair for pair in pairs]
    made = []
    for code, count in on_the_spot(model, found).items():
        known = unit(code)
        if known is not None:
            url = address([*(pair for pair in pairs if pair[1]), ("place", code)])
            made.append(Spot(code, known.name, count, known.lat, known.lon, url))
    return sorted(made, key=lambda spot: sort_key(spot.name))


def spots_json(made: Sequence[Spot]) -> str:
    """The same for the script of the map."""
    return msgspec.json.encode(made).decode()
