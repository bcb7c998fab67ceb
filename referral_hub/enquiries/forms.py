"""The question as a form and as an address: the same fields, none of them about anybody."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from referral_hub import clock
from referral_hub.directory.area import read_area
from referral_hub.enquiries.actions import LONGEST
from referral_hub.enquiries.schemas import Question
from referral_hub.vocabularies.book import terms
from referral_hub.web.forms import Form

FIELDS = ("need", "audiences", "area", "from_on", "people", "ends_on")
USUAL_DAYS = 3


def usual_end(today: date) -> date:
    """Three days on, never a Saturday or Sunday: nobody answers then."""
    day = today + timedelta(days=USUAL_DAYS)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day


def read_question(form: Form, *, home: str) -> Question:
    """The question typed; places of one name are those near `home` (a TERC). Raises Refused("invalid") with all."""
    today = clock.today()
    need = form.choice("need", [code for code, _ in terms("need", "pl")], missing="choose_need")
    audiences = form.many("audiences", [code for code, _ in terms("audience", "pl")])
    area, unclear = read_area(form.text("area", required=False, most=1000, lines=True), home)
    if unclear:
        form.add("area", "area_not_known", places=", ".join(unclear))
    people = form.whole("people", least=1, most=99)
    from_on = form.date("from_on", required=False, earliest=today, latest=today + timedelta(days=365))
    ends_on = form.date("ends_on", earliest=today, latest=today + LONGEST)
    form.check()
    return Question(
        need=need or "", audiences=audiences, area=area, from_on=from_on, people=people or 1, ends_on=ends_on or today
    )


def question_form(given: Mapping[str, Any]) -> Form:
    """What stands in the form: what was given, else one person and the usual end."""
    values = {"people": "1", "ends_on": usual_end(clock.today()).isoformat()}
    return Form({**values, **{name: value for name, value in given.items() if value}})
