"""What was typed about taking part, read from the pages' forms."""

from referral_hub.errors import Refused
from referral_hub.participation.course import (
    CERTIFICATE_LENGTH,
    END_REASONS,
    NUMBER_LENGTH,
    REFUSED,
    Described,
    Ended,
    main_groups,
)
from referral_hub.web.forms import Form


def read_described(form: Form) -> Described:
    """Contract, start and main group; raises Refused with every problem that the form can see."""
    started_on = form.date("started_on")
    group = form.choice("main_group", (*main_groups(), REFUSED), required=False) or ""
    contract_on = form.date("contract_on", required=False)
    contract_number = form.text("contract_number", required=False, most=NUMBER_LENGTH)
    if started_on is None or form.problems:
        raise Refused("invalid", form.problems)
    return Described(
        started_on=started_on,
        contract_number=contract_number,
        contract_on=contract_on,
        main_group="" if group == REFUSED else group,
        refused_group=group == REFUSED,
    )


def read_ended(form: Form) -> Ended:
    """Day, reason and certificate of an end."""
    ended_on = form.date("ended_on")
    reason = form.choice("end_reason", END_REASONS) or ""
    number = form.text("certificate_number", required=False, most=CERTIFICATE_LENGTH)
    certificate_on = form.date("certificate_on", required=False)
    if ended_on is None or form.problems:
        raise Refused("invalid", form.problems)
    # Who types a number and no day means the day of the end.
    if number and certificate_on is None:
        certificate_on = ended_on
    return Ended(ended_on=ended_on, reason=reason, certificate_number=number, certificate_on=certificate_on)
