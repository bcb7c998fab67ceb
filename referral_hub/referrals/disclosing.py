"""The disclosure line of a referral: what its receiver comes to know, or knows no more."""

from referral_hub.database.transaction import Scope
from referral_hub.database.writes import Write
from referral_hub.participants.disclosures import ENDED, PASSED, disclosure_line
from referral_hub.participants.seen import view_of_person
from referral_hub.referrals.case import Case


def passed_on(case: Case, by: Scope, access: str) -> list[Write]:
    """The receiver sees from now on what `access` shows."""
    return _line(case, by, PASSED, access)


def shared_no_more(case: Case, by: Scope) -> list[Write]:
    """The receiver is shown no more what it was shown so far."""
    return _line(case, by, ENDED, case["access"])


def _line(case: Case, by: Scope, kind: str, access: str) -> list[Write]:
    if case["internal"]:
        # Between units of one legal person nothing goes to another controller; their readings are logged.
        return []
    line = disclosure_line(
        kind=kind,
        participant=case["participant"],
        fields=view_of_person(access, case["basis_fields"] or ()),
        by=by,
        institution=case["receiver"],
        task=case["id"],
        basis=case["basis"],
        purpose=case["purpose"] or "",
    )
    return [line]
