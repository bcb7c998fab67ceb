"""What the public may know of places whose address is not public, and of offers shown by category only. Pure.

Two faces are made of an institution and of each offer: the public one, which search, pages, map, JSON and files are
made of, and (`whole`) the one for staff, where it differs. What the public face does not have, nothing can show.

* A site that is not public keeps its gmina. Street, village, post code, coordinates, way there, name and its own
  telephones are left out, and its street, village and post code are taken out of every text of its institution,
  whichever row told them. Distances are measured from the centre of the gmina.
* A site seen only after an accepted referral keeps its address from staff lists too: the referral's page shows it.
* An offer by category keeps its form, needs, audiences, area, gmina and places; it has no title of its own, no
  institution, no contact. Whoever asks is told the network's own telephone.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from referral_hub.directory.cards import Card, Partner, Site
from referral_hub.geography.units import unit
from referral_hub.vocabularies import book

T = TypeVar("T")
_KIND_OF_STREET = re.compile(r"^(?:ul|al|os|pl)\b\.?\s*", re.IGNORECASE)
LANGUAGES = ("pl", "en", "uk")
# Words somebody wrote; codes, keys and numbers are left alone.
_WRITTEN = frozenset(
    {
        "name", "short_name", "description", "titles", "descriptions", "first_step", "papers", "cost", "stipend",
        "insurance", "eligibility", "source_text", "hours_text", "accessibility", "label", "replacement", "text",
        "closed_why",
    }
)  # fmt: skip


class Secret(Struct, frozen=True):
    """Of one site that is not public: the words that would tell where it is, and whose contacts lead there.

    `from_staff`: kept from staff lists as well, until a referral there is accepted.
    """

    site: str
    from_staff: bool
    street: str
    post_code: str
    village: str


def secret_of(row: Mapping[str, Any]) -> Secret:
    """The words of a row of `site`; the seat of the gmina itself is no secret."""
    gmina = unit(row["terc"])
    village = "" if gmina is not None and gmina.name == row["place"] else row["place"]
    return Secret(str(row["id"]), row["address_visibility"] == "accepted", row["street"], row["post_code"], village)


def without(text: str, secrets: Iterable[Secret]) -> str:
    """A text without the streets, villages and post codes of places that are not public."""
    for secret in secrets:
        text = _without_street(text, secret.street)
        for words in (secret.post_code, secret.village):
            if len(words) > 3 and words in text:
                text = re.sub(rf"(?<!\w){re.escape(words)}(?!\w)", "…", text)
    return text


def _without_street(text: str, street: str) -> str:
    """A bare house number stays: it would take telephone numbers with it."""
    words = _KIND_OF_STREET.sub("", street.strip()).split()
    if not text or not any(letter.isalpha() for word in words for letter in word):
        return text
    told = _cut(text, words)
    # Without the number too: „przy Cichej” leads as far as „Cicha 5” in a small town.
    bare = [word for word in words if not any(letter.isdigit() for letter in word)]
    return _cut(told, bare) if len(" ".join(bare)) > 3 else told


def _cut(text: str, words: Sequence[str]) -> str:
    spelt = r"\s+".join(re.escape(word) for word in words)
    return re.sub(rf"(?:\b(?:ul|al|os|pl)\b\.?\s*)?\b{spelt}(?!\w)", "…", text, flags=re.IGNORECASE)


def partner_without(partner: Partner, secrets: Sequence[Secret], closed_offers: frozenset[str]) -> Partner:
    """An institution without what leads to these sites, and without contacts and notices of these offers."""
    closed = {secret.site for secret in secrets}
    contacts = tuple(one for one in partner.contacts if one.owner not in closed | closed_offers)
    notices = tuple(one for one in partner.notices if one.about not in closed | closed_offers)
    sites = tuple(_where_only(site) if site.id in closed else site for site in partner.sites)
    told = replace(partner, contacts=contacts, notices=notices, sites=sites)
    return _scrubbed(told, secrets) if secrets else told


def card_without(card: Card, partner: Partner, secrets: Sequence[Secret]) -> Card:
    """An offer of `partner` (a face of it) without what leads to these sites."""
    shown = {site.id: site for site in partner.sites}
    face = replace(card, partner=partner, sites=tuple(shown[site.id] for site in card.sites if site.id in shown))
    return _scrubbed(face, secrets, skip=("partner", "sites")) if secrets else face


def by_category(card: Card) -> Card:
    """An offer as its owner wants the public to see it: what kind of help, for whom, in which gmina, places."""
    words = {language: _sentence(book.label("form", card.form, language)) for language in LANGUAGES}
    site = card.site
    terc = site.terc if site else card.partner.terc
    # Written out in full: a column that comes later is not in the public face until somebody says so here.
    return Card(
        id=card.id,
        partner=Partner("", "", "", "", "", "", card.partner.example, terc, (), ()),
        form=card.form,
        titles=words,
        descriptions={},
        needs=card.needs,
        audiences=card.audiences,
        languages=(),
        eligibility={},
        area=card.area,
        remote=card.remote,
        first_step="",
        papers="",
        cost="",
        stipend="",
        insurance="",
        intake_mode="phone",
        sensitive=card.sensitive,
        status=card.status,
        unit=card.unit,
        sites=(_gmina_of(site),) if site else (),
        source_ids=(),
        source_text="",
        reading=card.reading,
        rhythm=card.rhythm,
        capacity=card.capacity,
        whole=card.whole or card,
    )


def face(card: Card, *, staff: bool) -> Card:
    """The card as this reader may see it."""
    return (card.whole or card) if staff else card


def partner_face(partner: Partner, *, staff: bool) -> Partner:
    """The institution as this reader may see it."""
    return (partner.whole or partner) if staff else partner


def _where_only(site: Site) -> Site:
    return replace(site, name="", place=site.municipality, address=None, staff_address=None)


def _gmina_of(site: Site) -> Site:
    """Only where: no hours, no name, nothing of the building."""
    return Site(
        id="", name="", place=site.municipality, terc=site.terc, hours_text="", week=None, accessibility={},
        main=True, hidden=True, address=None,
    )  # fmt: skip


def _scrubbed(thing: T, secrets: Sequence[Secret], skip: Sequence[str] = ()) -> T:
    """A Struct with every written text in it scrubbed."""
    changes = {}
    for name in thing.__struct_fields__:  # type: ignore[attr-defined]
        if name not in skip:
            changes[name] = _clean(name, getattr(thing, name), secrets)
    return replace(thing, **changes)  # type: ignore[type-var]


def _clean(name: str, value: Any, secrets: Sequence[Secret]) -> Any:
    if isinstance(value, str):
        return without(value, secrets) if name in _WRITTEN else value
    if isinstance(value, dict) and name in _WRITTEN:
        return {key: _clean(name, part, secrets) for key, part in value.items()}
    if isinstance(value, tuple) and value and isinstance(value[0], Struct):
        return tuple(_scrubbed(part, secrets) for part in value)
    return value


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
