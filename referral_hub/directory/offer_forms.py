"""The editor of an offer: from its row to a form, and from what was typed to facts and contacts."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct

from referral_hub.directory.area import area_text, read_area
from referral_hub.directory.contact_forms import contact_fields, read_contacts
from referral_hub.directory.facts import INTAKE_MODES, LONGEST, SEXES
from referral_hub.directory.freshness import LIMITS
from referral_hub.directory.schemas import OwnSite
from referral_hub.institutions.actions import NewContact
from referral_hub.vocabularies.book import rhythm, terms
from referral_hub.web.forms import Form

PLAIN = ("title", "first_step", "papers", "cost", "description", "title_en", "title_uk")
LINES = ("first_step", "papers", "description")


class OfferTyped(Struct, frozen=True):
    """What a checked form says: columns of the offer, its sites, its own contacts, the hours of its one site."""

    changes: dict[str, Any]
    sites: list[UUID]
    contacts: list[NewContact]
    hours_text: str | None


def offer_form(facts: Mapping[str, Any], sites: Sequence[OwnSite]) -> Form:
    """The form as the offer stands now."""
    eligibility = facts["eligibility"]
    shown: dict[str, object] = {name: facts[name] for name in (*PLAIN, "form", "intake_mode", "rhythm")}
    shown |= {name: facts[name] for name in ("needs", "audiences", "remote", "version", "status")}
    shown["area"] = area_text(facts["area"])
    shown["sites"] = [str(site) for site in facts["sites"]]
    for name in ("age_from", "age_to", "sex"):
        shown[name] = eligibility.get(name)
    shown |= contact_fields(facts["contacts"])
    at = [site for site in sites if site.id in facts["sites"]]
    if len(at) == 1:
        shown["hours_text"] = at[0].hours_text
    return Form(shown)


def new_offer_form(sites: Sequence[OwnSite]) -> Form:
    """An empty form with what can be guessed: the main site, a referral, the form's own rhythm later."""
    return Form({"intake_mode": "referral", "sites": [str(site.id) for site in sites[:1]]})


def read_offer(form: Form, sites: Sequence[OwnSite], *, home: str, draft: bool) -> OfferTyped:
    """What was typed; raises Refused("invalid") with every problem. A draft needs only its name and form."""
    changes: dict[str, Any] = {
        name: form.text(name, required=name == "title", most=LONGEST[name], lines=name in LINES) for name in PLAIN
    }
    changes["form"] = form.choice("form", dict(terms("form", "pl")))
    changes["needs"] = form.many("needs", dict(terms("need", "pl")), required=not draft)
    changes["audiences"] = form.many("audiences", dict(terms("audience", "pl")))
    changes["intake_mode"] = form.choice("intake_mode", INTAKE_MODES)
    changes["rhythm"] = form.choice("rhythm", LIMITS, required=False) or rhythm(changes["form"] or "")
    changes["remote"] = form.flag("remote")
    if not draft and not changes["first_step"]:
        form.add("first_step", "required")
    changes["area"], unclear = read_area(form.text("area", required=False, most=1000, lines=True), home)
    if unclear:
        form.add("area", "area_not_known", places=", ".join(unclear)[:200])
    changes["eligibility"] = _eligibility(form)
    known = {str(site.id): site for site in sites}
    at = [known[code].id for code in form.many("sites", known)]
    if not at and not changes["remote"] and sites and not draft:
        form.add("sites", "choose_some")
    contacts = read_contacts(form)
    hours = form.text("hours_text", required=False, most=LONGEST["hours_text"], lines=True) if len(at) == 1 else None
    form.check()
    return OfferTyped(changes, at, contacts, hours)


def _eligibility(form: Form) -> dict[str, Any]:
    given = {
        "age_from": form.whole("age_from", most=120, required=False),
        "age_to": form.whole("age_to", most=120, required=False),
        "sex": form.choice("sex", SEXES, required=False),
    }
    youngest, oldest = given["age_from"], given["age_to"]
    if isinstance(youngest, int) and isinstance(oldest, int) and youngest > oldest:
        form.add("age_to", "ages_crossed")
    return {name: value for name, value in given.items() if value not in (None, "")}
