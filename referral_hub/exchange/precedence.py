"""Which register is believed first, field by field, where two speak of the same institution. Data.

A person's own edit always stands above every register. Among registers the first that says anything wins; of two
rows of equal rank the later one, then the one with the smaller id, so that the order of files never matters.
"""

RJPS, SUPPORT, CAPACITY = "rjps", "support-institutions", "capacity"

USUAL = (RJPS, SUPPORT, CAPACITY)
"""The official register of 2026 before the voivode's list of 2024, both before a table of numbers."""

ORDER: dict[str, tuple[str, ...]] = {
    "name": USUAL,
    "kind": USUAL,
    "terc": USUAL,
    "street": USUAL,
    "hours_text": USUAL,
    "accessibility": (SUPPORT, RJPS, CAPACITY),
    "contacts": USUAL,
    "eligibility": (CAPACITY, SUPPORT, RJPS),
    "area": (SUPPORT, RJPS, CAPACITY),
}
PRECISION = ("address", "place", "district", "gmina", "")
"""Coordinates: the finest win, whoever gave them."""


def rank(field: str, kind: str) -> int:
    """The place of a kind of register in the order for a field; unknown kinds come last."""
    order = ORDER.get(field, USUAL)
    return order.index(kind) if kind in order else len(order)
