"""On what basis, and how urgent: the fields that the composer and the page of a draft share."""

from typing import Final

from referral_hub.participants.basis import GROUNDS, HOW_GIVEN, SHAREABLE, Ground, Kind
from referral_hub.referrals.drafts import PRIORITIES
from referral_hub.web.forms import Form

BASES: Final = ("preset", Kind.CONSENT, Kind.STATUTE, Kind.VITAL_INTEREST)
STATUTES: Final = tuple(code for code, ground in GROUNDS.items() if ground.kind is Kind.STATUTE)


def read_basis_fields(form: Form, ground: Ground | None) -> dict[str, object] | None:
    """The basis as actions take it, from the page's fields; None where the pair is not known yet."""
    kind = form.choice("basis.kind", [str(one) for one in BASES], required=False) or "preset"
    fields = form.many("basis.fields", SHAREABLE)
    until = form.date("basis.until", required=False)
    if kind == "preset":
        if ground is None:
            return None
        given: dict[str, object] = {"kind": str(ground.kind), "ground": ground.code}
    elif kind == Kind.STATUTE:
        act = form.choice("basis.act", STATUTES, required=False)
        given = {"kind": kind, "ground": form.text("basis.ground", required=False, most=300) or act or ""}
    else:
        given = {"kind": kind, "ground": "zgoda" if kind == Kind.CONSENT else "zywotny_interes"}
    if given["kind"] == Kind.CONSENT:
        given["given_how"] = form.choice("basis.given_how", HOW_GIVEN, missing="say_how_consent_was_given") or ""
    return {**given, "fields": fields, **({"until": until.isoformat()} if until else {})}


def read_priority(form: Form) -> str:
    """The chosen priority, ordinary by default."""
    return form.choice("priority", PRIORITIES, required=False) or "ordinary"
