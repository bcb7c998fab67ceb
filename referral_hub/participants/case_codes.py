"""Case codes: what stands in lists, on cards and on the phone in place of a name. Pure but for chance."""

import secrets

# Without 0 O 1 I L: read aloud and copied by hand.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_GROUPS = (3, 3)


def new_case_code() -> str:
    """A random code such as "K7M-4XQ": 887 million of them, none says anything about the person."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(size)) for size in _GROUPS)
