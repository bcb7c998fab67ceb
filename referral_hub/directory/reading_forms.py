"""The small form that tells free places, the same on the link from mail, in „my offers” and on the call list."""

from datetime import timedelta

from msgspec import Struct

from referral_hub import clock
from referral_hub.directory.said import LONGEST_NOTE, MOST, Said
from referral_hub.directory.schemas import OwnOffer
from referral_hub.web.forms import Form

STEPS = {"minus": -1, "plus": 1}


class Typed(Struct, frozen=True):
    """What stands in the form of one offer: the number beside the stepper, and the form with its problems."""

    number: int | None
    form: Form


def stepped(form: Form, offer: OwnOffer) -> Typed | None:
    """Without script „−” and „+” come here: the number moved, nothing saved; None for other acts."""
    step = STEPS.get(form.value("act"))
    if step is None:
        return None
    typed = form.value("free").strip()
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else (offer.still or 0)
    return Typed(min(MOST, max(0, number + step)), form)


def read_said(form: Form) -> Said:
    """What the pressed button says: `same` the number it showed, `zero` none, `set` the typed one.

    Raises Refused("invalid"). „The same” is sent as the number that was seen, so that a change in between is not
    confirmed unseen.
    """
    act = form.choice("act", ("same", "zero", "set"))
    free: int | None = 0
    if act == "same":
        free = form.whole("still", most=MOST)
    elif act == "set":
        free = form.whole("free", most=MOST)
    women = form.whole("women", most=MOST, required=False)
    men = form.whole("men", most=MOST, required=False)
    from_when = form.date(
        "from_when", required=False, earliest=clock.today(), latest=clock.today() + timedelta(days=730)
    )
    waiting = form.whole("waiting", most=MOST, required=False)
    waiting_days = form.whole("waiting_days", most=MOST, required=False)
    note = form.text("note", required=False, most=LONGEST_NOTE)
    form.check()
    if act != "set":
        return Said(free=free)
    return Said(
        free=free,
        free_women=women,
        free_men=men,
        from_when=from_when,
        waiting=waiting,
        waiting_days=waiting_days,
        note=note,
    )
