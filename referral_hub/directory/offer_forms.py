"""The editor of an offer: from its values to a form, and from what was typed back to values (see `entries`)."""

from collections.abc import Mapping, Sequence
from typing import Any

from referral_hub.directory.area import area_text, read_area
from referral_hub.directory.contact_forms import contact_fields, read_contacts
from referral_hub.directory.facts import INTAKE_MODES, LONGEST, SEXES
from referral_hub.directory.freshness import LIMITS
from referral_hub.directory.gate import missing
from referral_hub.directory.schemas import OwnSite
from referral_hub.vocabularies.book import rhythm, terms
from referral_hub.web.forms import Form

PLAIN = ("title", "first_step", "papers", "cost", "description", "title_en", "title_uk")
LINES = ("first_step", "papers", "description")
LONGEST_CONDITIONS = 1000
TICKED = ("needs", "audiences", "sites")
FLAGS = ("remote", "everybody", "by_category")


def offer_form(values: Mapping[str, Any], started: str = "", version: int = 1) -> Form:
    """The form as these values have it; `started` is what it says it started from."""
    shown: dict[str, object] = {name: values[name] for name in (*PLAIN, *TICKED, *FLAGS, "form", "intake_mode")}
    shown |= {name: values[name] for name in ("rhythm", "hours_text", "phone", "email", "conditions")}
    shown |= {name: values[name] for name in ("age_from", "age_to", "sex")}
    shown |= {"area": area_text(values["area"]), "version": version, "started": started}
    return Form(shown)


def new_offer_form(sites: Sequence[OwnSite]) -> Form:
    """An empty form with what can be guessed: the main site with its hours, a referral, the form's own rhythm later."""
    hours = sites[0].hours_text if len(sites) == 1 else ""
    return Form({"intake_mode": "referral", "sites": [str(site.id) for site in sites[:1]], "hours_text": hours})


def read_offer(
    form: Form, sites: Sequence[OwnSite], *, home: str, publish: bool = False, reachable: bool = False
) -> dict[str, Any]:
    """The values that were sent; raises Refused("invalid") with everything that cannot be taken.

    A text whose field was not sent is left out; a box that was not sent is not ticked. To `publish` it the gate is
    asked as well, so that everything is said at once; `reachable`: its place or institution has a phone.
    """
    given: dict[str, Any] = {
        name: form.text(name, required=name == "title", most=LONGEST[name], lines=name in LINES)
        for name in PLAIN
        if was_sent(form, name) or name == "title"
    }
    given["form"] = form.choice("form", dict(terms("form", "pl")))
    given["needs"] = form.many("needs", dict(terms("need", "pl")))
    given["audiences"] = form.many("audiences", dict(terms("audience", "pl")))
    given["intake_mode"] = form.choice("intake_mode", INTAKE_MODES)
    given["rhythm"] = form.choice("rhythm", LIMITS, required=False) or rhythm(given["form"] or "")
    given |= {name: form.flag(name) for name in FLAGS}
    given["sites"] = form.many("sites", {str(site.id): site for site in sites})
    if was_sent(form, "area"):
        given["area"], unclear = read_area(form.text("area", required=False, most=1000, lines=True), home)
        if unclear:
            form.add("area", "area_not_known", places=", ".join(unclear)[:200])
    given |= _conditions(form)
    given |= contact_values(form)
    if len(given["sites"]) == 1 and was_sent(form, "hours_text"):
        given["hours_text"] = form.text("hours_text", required=False, most=LONGEST["hours_text"], lines=True)
    if publish:
        told = {**given, "phone": given.get("phone") or reachable}
        for problem in missing(told, has_sites=bool(sites)):
            if form.problem(problem.field) is None:
                form.problems.append(problem)
    form.check()
    return given


def contact_values(form: Form) -> dict[str, str]:
    """Phones, address and page as we write them, where they were sent; problems are kept in the form."""
    written = contact_fields(read_contacts(form))
    return {name: written[name] for name in written if was_sent(form, name)}


def was_sent(form: Form, name: str) -> bool:
    """Whether a field was on the page that was sent, be it empty."""
    return bool(form.values(name))


def _conditions(form: Form) -> dict[str, Any]:
    given: dict[str, Any] = {
        name: form.whole(name, most=120, required=False) for name in ("age_from", "age_to") if was_sent(form, name)
    }
    given["sex"] = form.choice("sex", SEXES, required=False) or ""
    if was_sent(form, "conditions"):
        given["conditions"] = form.text("conditions", required=False, most=LONGEST_CONDITIONS, lines=True)
    youngest, oldest = given.get("age_from"), given.get("age_to")
    if isinstance(youngest, int) and isinstance(oldest, int) and youngest > oldest:
        form.add("age_to", "ages_crossed")
    return given
