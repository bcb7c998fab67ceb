"""A card as a document of the search index, and the vocabularies as synonyms. Pure."""

from collections.abc import Iterator

from referral_hub.directory.cards import Card
from referral_hub.search.index import Document, Field
from referral_hub.search.synonyms import FACETS, built_in
from referral_hub.vocabularies import book

_FIELDS = {"form": Field.FORM, "need": Field.NEED, "audience": Field.AUDIENCE, "kind": Field.KIND}
_UMBRELLA = "wykluczone"
ANYWHERE = ""


def document_of(card: Card) -> Document:
    """What the search may find a card by; nothing of an address that is not public."""
    codes = _codes(card)
    texts = [
        *((Field.TITLE, title) for title in card.titles.values()),
        (Field.INSTITUTION, f"{card.partner.name} {card.partner.short_name}"),
        *((Field.TEXT, text) for text in _small_print(card) if text),
        *((Field.ADDRESS, text) for text in _where(card) if text),
        *((_FIELDS[facet], _words_of(facet, code)) for facet, code in codes if facet in _FIELDS),
    ]
    located = tuple(dict.fromkeys(site.terc for site in card.sites if site.terc))
    return Document(
        card.id,
        tuple(texts),
        tuple(f"{facet}:{code}" for facet, code in codes),
        located or ((card.partner.terc,) if card.partner.terc and not card.remote else ()),
        served_by(card),
    )


def served_by(card: Card) -> tuple[str, ...]:
    """Units whose people the offer takes, besides those of its own sites."""
    if card.area:
        return card.area
    return (ANYWHERE,) if card.remote else ()


def _codes(card: Card) -> list[tuple[str, str]]:
    audiences = {code for one in card.audiences for code in book.above("audience", one)}
    if _UMBRELLA not in card.audiences:
        audiences.discard(_UMBRELLA)
    pairs = [
        ("form", card.form),
        *(("need", code) for code in card.needs),
        *(("audience", code) for code in sorted(audiences)),
        *(("kind", code) for code in sorted(book.above("kind", card.partner.kind))),
        *(("language", code) for code in card.languages),
    ]
    terc = {site.terc for site in card.sites if site.terc}
    return [*pairs, *(("municipality", code) for code in sorted(terc))]


def _small_print(card: Card) -> tuple[str, ...]:
    eligibility = str(card.eligibility.get("note", ""))
    own = (card.first_step, card.papers, card.cost, eligibility, card.source_text, card.partner.description)
    return (*card.descriptions.values(), *own)


def _where(card: Card) -> Iterator[str]:
    for site in card.sites:
        yield f"{site.place} {site.municipality}"
        if site.address:
            yield f"{site.name} {site.address.street}"


def _words_of(vocabulary: str, code: str) -> str:
    """The labels of a code in every language; abbreviations and synonyms come in on the asking side."""
    word = book.word(vocabulary, code)
    return " ".join(label for label in word.labels.values() if label) if word else code


def labels() -> list[str]:
    """Every Polish label of a facet: words that mean a thing here."""
    return [word.labels["pl"] for facet in FACETS for word in book.words(facet, retired=True)]


def synonym_lines() -> list[str]:
    """The built-in lines, then what the vocabularies say in the database: each code's other names, and
    whole lines of the vocabulary `synonym` (label: `phrase > meaning | meaning`), which a coordinator
    adds."""
    lines = list(built_in())
    for facet in FACETS:
        for code, names in book.synonyms(facet).items():
            lines.extend(f"{name} > {facet}:{code}" for name in names if _is_phrase(name))
    if "synonym" in book.vocabularies():
        lines.extend(word.labels["pl"] for word in book.words("synonym") if _is_line(word.labels["pl"]))
    return lines


def _is_phrase(name: str) -> bool:
    return any(letter.isalpha() for letter in name) and ">" not in name and "|" not in name


def _is_line(text: str) -> bool:
    phrase, arrow, meaning = text.partition(">")
    parts = [part.strip() for part in meaning.split("|") if part.strip()]
    plain = all(":" not in part or (part.split(":", 1)[0] in FACETS and part.split(":", 1)[1]) for part in parts)
    return bool(arrow and _is_phrase(phrase) and parts and plain)
