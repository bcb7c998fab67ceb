"""A place told only after an accepted referral, and a support group that its owner shows by category only."""

from datetime import date, datetime, timedelta
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.demo.marks import NETWORK, RUN, mark, marks
from referral_hub.directory.actions import OfferFacts, Said, SiteFacts, add_offer, add_site, report_reading

DONE, HOME = "confidential", "dom-kobiet"
# (days ago, free, in all, waiting, days of waiting, source): the fourth came by phone and does not agree with itself.
_TOLD = (
    (150, 4, 8, 0, None, "declared"),
    (110, 2, 8, 0, None, "declared"),
    (70, 0, 8, 3, 30, "declared"),
    (35, 2, 8, 4, 0, "reported"),
    (6, 3, 8, 1, 14, "declared"),
)


async def keep_a_secret(now: datetime) -> None:
    """The place, the group and how its free places went; once."""
    known = await marks(NETWORK)
    if DONE in await marks(RUN) or HOME not in known:
        return
    institution = UUID(known[HOME]["institution"])
    async with transaction(SYSTEM):
        with clock.at(now - timedelta(days=160)):
            site = await add_site(institution, _PLACE, actor=SYSTEM_ACTOR)
            group = await add_offer(institution, _GROUP, sites=[site], actor=SYSTEM_ACTOR)
        for days, free, maximum, waiting, waiting_days, source in _TOLD:
            with clock.at(now - timedelta(days=days)):
                said = Said(
                    free=free,
                    maximum=maximum,
                    waiting=waiting,
                    waiting_days=waiting_days,
                    by_group={"samotni_rodzice": min(free, 2)} if free else {},
                    from_when=_first_day(now, days) if not free else None,
                    note="Zapisy prowadzi dyżurna." if source == "reported" else "",
                )
                await report_reading(group, said, actor=SYSTEM_ACTOR, source=source)
        await mark(RUN, DONE, {})


def _first_day(now: datetime, days: int) -> date:
    return (now - timedelta(days=days - 20)).date()


_PLACE = SiteFacts(
    name="Mieszkanie spotkań",
    street="ul. Zmyślona 8",
    post_code="33-100",
    place="Tarnów",
    terc="126301",
    travel="Powiemy przez telefon, po której stronie jest wejście.",
    address_visibility="accepted",
    main=False,
)
_GROUP = OfferFacts(
    form="gr_wsparcia",
    title="Krąg „Nowy początek” dla kobiet po doświadczeniu przemocy",
    description="Spotkania w małej grupie, z opieką dla dzieci w tym czasie.",
    needs=["przemoc"],
    audiences=["przemoc", "samotni_rodzice"],
    area=["12"],
    first_step="Zadzwoń do domu o każdej porze i zapytaj o krąg.",
    cost="bezpłatnie",
    sensitive=True,
    by_category=True,
    rhythm="month",
)
