"""Reading and filling the form of a term."""

from msgspec import structs

from referral_hub import clock
from referral_hub.timetable.terms import AHEAD, BACK, LONGEST, MOST_HOURS, MOST_PLACES, TermFacts
from referral_hub.timetable.terms_queries import Term
from referral_hub.web.forms import Form

DAYS = ("apply_by", "starts_on", "ends_on")


def term_form(term: Term) -> Form:
    """A term as it stands, to change."""
    shown = {
        name: str(value) if isinstance(value, int) else value for name, value in structs.asdict(term.facts).items()
    }
    return Form({**shown, "version": str(term.version)})


def read_term(form: Form) -> TermFacts:
    """A term as typed. Raises Refused("invalid") with every problem."""
    today = clock.today()
    days = {name: form.date(name, required=False, earliest=today - BACK, latest=today + AHEAD) for name in DAYS}
    texts = {
        name: form.text(name, required=False, most=most, lines=name in ("papers", "note"))
        for name, most in LONGEST.items()
    }
    places = form.whole("places", least=1, most=MOST_PLACES, required=False)
    hours = form.whole("hours", least=1, most=MOST_HOURS, required=False)
    form.check()
    return structs.replace(TermFacts(places=places, hours=hours), **days, **texts)
