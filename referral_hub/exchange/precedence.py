"""What is particular to registers about whom to believe; the orders themselves are data, `institutions.source_ranks`.

Among registers the first that says anything wins; of two rows of equal rank the later one, then the one with the
smaller id, so that the order of files never matters.
"""

from referral_hub.institutions.source_ranks import CAPACITY, RJPS, SUPPORT

REGISTERS = (RJPS, SUPPORT, CAPACITY)
"""The kinds of registers that speak of institutions."""

PRECISION = ("address", "place", "district", "gmina", "")
"""Coordinates: the finest win, whoever gave them."""
