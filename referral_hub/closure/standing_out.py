"""Which flows, needs or offers stand out for the worse, by the figures that are shown and by nothing else. Pure."""

from collections.abc import Sequence
from typing import Final

from referral_hub.closure.figures import MEASURES, Line, Share
from referral_hub.cooperation.secrecy import TOTAL

HIGH_IS_WORSE: Final = frozenset({"answer", "no_show", "again"})
MOST: Final = 2


def standing_out(lines: Sequence[Line]) -> dict[str, list[Line]]:
    """For each measure the lines worse than all together, those first where most cases (or days) make the difference.

    A line stands out when at least one case would have to go otherwise for it to be like all together; of days, when
    the median is at least one business day longer.
    """
    together = next((line for line in lines if line.key == TOTAL), None)
    if together is None:
        return {}
    found = {}
    for measure in MEASURES:
        gaps = [(_gap(measure, line.shares[measure], together.shares[measure]), line) for line in lines]
        worse = sorted(((gap, line) for gap, line in gaps if gap >= 1), key=lambda pair: (-pair[0], pair[1].key))
        found[measure] = [line for _, line in worse[:MOST]]
    return found


def _gap(measure: str, own: Share, usual: Share) -> float:
    """How many cases, or days of cases, separate a figure from the usual one; 0 where one of them is not shown."""
    if not own.n or not usual.n:
        return 0
    sign = 1 if measure in HIGH_IS_WORSE else -1
    if own.days is not None and usual.days is not None:
        longer = own.days - usual.days
        return longer * own.n if longer >= 1 else 0
    # A hair below a whole case is rounding.
    return round(sign * ((own.share or 0) - (usual.share or 0)) * own.n, 6)
