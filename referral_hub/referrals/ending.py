"""How a sender ends a referral that is still open, and the reasons that fit every way of it. Pure."""

from referral_hub.referrals.moves import find
from referral_hub.referrals.reasons import choices
from referral_hub.referrals.states import UNDER_WAY, WAITING, Party, State, Verb

_WAYS = (find(Verb.WITHDRAW, State.SENT, Party.SND), find(Verb.REQUEST_CANCEL, State.ACCEPTED, Party.SND))


def ends_by(state: State) -> Verb | None:
    """A draft is thrown away, who waits is withdrawn, help under way is asked to end; None: it is ending or over."""
    if state is State.DRAFT:
        return Verb.VOID
    if state in WAITING:
        return Verb.WITHDRAW
    return Verb.REQUEST_CANCEL if state in UNDER_WAY else None


def reasons_to_end() -> list[str]:
    """The codes that both a withdrawal and the wish to cancel take today, in the vocabulary's order."""
    first, second = (next(choices(need, row) or [] for need in row.needs if need.name == "reason") for row in _WAYS)
    return [code for code in first if code in second]
