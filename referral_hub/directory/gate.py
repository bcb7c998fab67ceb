"""What is still missing before an offer may be shown to the public. Pure.

An import is published at once, whatever it lacks (a register's row is worth more found than hidden): there the same
list stands under „what would make this better”.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from referral_hub.errors import Problem

Check = Callable[[Mapping[str, Any]], Sequence[Problem]]
"""A further check by the kind of offer: takes the values `missing` takes."""

_more: list[Check] = []


def add_check(check: Check) -> None:
    """Let the kind of an offer ask for more (`directory/details.py`); adding it twice changes nothing."""
    if check not in _more:
        _more.append(check)


def missing(values: Mapping[str, Any], *, has_sites: bool = True) -> list[Problem]:
    """What is not there yet, field by field, in the order of the form.

    `values` has title, form, needs, audiences, everybody, first_step, phone, sites, remote, area and rhythm;
    `has_sites`: whether the institution has any place to choose at all.
    """
    found = [Problem(field, "required") for field in ("title", "form", "rhythm") if not values.get(field)]
    if not values.get("needs"):
        found.append(Problem("needs", "choose_some"))
    if not values.get("audiences") and not values.get("everybody"):
        found.append(Problem("audiences", "say_for_whom"))
    if not values.get("first_step") and not values.get("phone"):
        found.append(Problem("first_step", "first_step_or_phone"))
    if not values.get("sites") and not values.get("remote") and not values.get("area"):
        found.append(Problem("sites" if has_sites else "remote", "say_where"))
    for check in _more:
        found += check(values)
    return found
