"""The web application: every room's routes under one guard, one set of errors, one order of layers."""

import gc
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from referral_hub.accounts import agreement_pages as accounts_agreement_pages
from referral_hub.accounts import api as accounts_api
from referral_hub.accounts import care, care_pages, open_work
from referral_hub.accounts import cares as accounts_cares
from referral_hub.accounts import colleague_pages as accounts_colleague_pages
from referral_hub.accounts import own_account_pages as accounts_own_account_pages
from referral_hub.accounts import pages as accounts_pages
from referral_hub.accounts.guards import check_permission
from referral_hub.accounts.sessions import Sessions
from referral_hub.answering import code_pages, guest_code_pages, intake_pages
from referral_hub.attendance import api as attendance_api
from referral_hub.attendance import list_pages as attendance_list_pages
from referral_hub.attendance import own_days_pages as attendance_own_days_pages
from referral_hub.attendance import pages as attendance_pages
from referral_hub.attendance import panels as attendance_panels
from referral_hub.attendance import term_pages as attendance_term_pages
from referral_hub.attendance import term_panels as attendance_term_panels
from referral_hub.barter import cares as barter_cares
from referral_hub.barter import pages as barter_pages
from referral_hub.barter import panels as barter_panels
from referral_hub.caseload import pages as caseload_pages
from referral_hub.closure import api as closure_api
from referral_hub.closure import cares as closure_cares
from referral_hub.closure import figure_pages as closure_figure_pages
from referral_hub.closure import pages as closure_pages
from referral_hub.closure import panels as closure_panels
from referral_hub.composing import sender_pages
from referral_hub.composing.origins import listen
from referral_hub.cooperation import pages as cooperation_pages
from referral_hub.database.pool import close_pool, open_pool
from referral_hub.directory import api as directory_api
from referral_hub.directory import better_pages as directory_better_pages
from referral_hub.directory import cares as directory_cares
from referral_hub.directory import claim_pages as directory_claim_pages
from referral_hub.directory import club_pages as directory_club_pages
from referral_hub.directory import details_pages as directory_details_pages
from referral_hub.directory import favourite_pages as directory_favourite_pages
from referral_hub.directory import field_history_pages as directory_field_history_pages
from referral_hub.directory import history_pages as directory_history_pages
from referral_hub.directory import history_panel as directory_history_panel
from referral_hub.directory import institution_pages as directory_institution_pages
from referral_hub.directory import my_pages as directory_my_pages
from referral_hub.directory import notice_api as directory_notice_api
from referral_hub.directory import notice_pages as directory_notice_pages
from referral_hub.directory import observed as directory_observed
from referral_hub.directory import panels
from referral_hub.directory import pending_pages as directory_pending_pages
from referral_hub.directory import public_api as directory_public_api
from referral_hub.directory import public_pages as directory_public_pages
from referral_hub.directory import state_api as directory_state_api
from referral_hub.directory import word_pages as directory_word_pages
from referral_hub.directory.open_work import numbers_to_confirm
from referral_hub.directory.own_writes import OwnWrites
from referral_hub.directory.told_places import follow_places
from referral_hub.duplicates import cares as duplicates_cares
from referral_hub.duplicates import pages as duplicates_pages
from referral_hub.duplicates import panels as duplicates_panels
from referral_hub.enquiries import answer_pages as enquiries_answer_pages
from referral_hub.enquiries import api as enquiries_api
from referral_hub.enquiries import pages as enquiries_pages
from referral_hub.lending import api as lending_api
from referral_hub.lending import calendar_pages as lending_calendar_pages
from referral_hub.lending import pages as lending_pages
from referral_hub.lending import panels as lending_panels
from referral_hub.moderation import cares as moderation_cares
from referral_hub.moderation import conflict_pages as moderation_conflict_pages
from referral_hub.moderation import note_pages as moderation_note_pages
from referral_hub.moderation import pages as moderation_pages
from referral_hub.moderation import panels as moderation_panels
from referral_hub.moderation import suggest_pages as moderation_suggest_pages
from referral_hub.own_page import participant_pages
from referral_hub.participants import api as participants_api
from referral_hub.participants import care_pages as participants_care_pages
from referral_hub.participants import list_pages as participants_list_pages
from referral_hub.participants import pages as participants_pages
from referral_hub.participants import standing
from referral_hub.participants.open_work import people_kept
from referral_hub.participation import api as participation_api
from referral_hub.participation import figure_pages as participation_figure_pages
from referral_hub.participation import pages as participation_pages
from referral_hub.participation import panels as participation_panels
from referral_hub.participation import take_in_pages as participation_take_in_pages
from referral_hub.paths import api as paths_api
from referral_hub.paths import pages as paths_pages
from referral_hub.paths import panels as paths_panels
from referral_hub.paths import step_api as paths_step_api
from referral_hub.paths import step_pages as paths_step_pages
from referral_hub.paths.carrying import carry_out, follow
from referral_hub.privacy import letter_pages as privacy_letter_pages
from referral_hub.privacy import pages as privacy_pages
from referral_hub.referrals import api as referrals_api
from referral_hub.referrals import attachments
from referral_hub.referrals import clock_pages as referrals_clock_pages
from referral_hub.referrals import line_pages as referrals_line_pages
from referral_hub.referrals import pages as referrals_pages
from referral_hub.referrals import whereabouts as referrals_whereabouts
from referral_hub.referrals.open_work import people_followed, people_sent_here
from referral_hub.referrals.person_standing import referrals_of_people
from referral_hub.referrals.replacing import follow_drafts
from referral_hub.referrals.standing import keep_told_places
from referral_hub.settings import settings
from referral_hub.timetable import duty_pages as timetable_duty_pages
from referral_hub.timetable import pages as timetable_pages
from referral_hub.timetable import panels as timetable_panels
from referral_hub.timetable import public_pages as timetable_public_pages
from referral_hub.timetable import terms_pages as timetable_terms_pages
from referral_hub.timetable import terms_panels as timetable_terms_panels
from referral_hub.upkeep import board_pages as upkeep_board_pages
from referral_hub.upkeep import call_pages as upkeep_call_pages
from referral_hub.upkeep import capacity_pages as upkeep_capacity_pages
from referral_hub.upkeep import cares as upkeep_cares
from referral_hub.upkeep import own_facts_pages as upkeep_own_facts_pages
from referral_hub.upkeep import panels as upkeep_panels
from referral_hub.upkeep import partner_changes_pages as upkeep_partner_changes_pages
from referral_hub.upkeep import reach_pages as upkeep_reach_pages
from referral_hub.web import assets as web_assets
from referral_hub.web import health as web_health
from referral_hub.web import openapi as web_openapi
from referral_hub.web import site_pages as web_site_pages
from referral_hub.web.body import HubRequest
from referral_hub.web.errors import EXCEPTION_HANDLERS
from referral_hub.web.head import HeadAsGet
from referral_hub.web.health import Measured
from referral_hub.web.read_to_end import ReadToEnd
from referral_hub.web.security import LARGEST_BODY, Security, check_origin

ROOMS = (
    web_assets,
    web_openapi,
    web_site_pages,
    web_health,
    accounts_pages,
    accounts_agreement_pages,
    care_pages,
    accounts_colleague_pages,
    accounts_own_account_pages,
    accounts_api,
    directory_word_pages,
    directory_club_pages,
    directory_public_pages,
    directory_claim_pages,
    directory_public_api,
    directory_history_pages,
    directory_my_pages,
    directory_favourite_pages,
    directory_notice_pages,
    directory_notice_api,
    directory_field_history_pages,
    directory_pending_pages,
    directory_better_pages,
    directory_details_pages,
    upkeep_capacity_pages,
    upkeep_own_facts_pages,
    upkeep_partner_changes_pages,
    upkeep_call_pages,
    upkeep_board_pages,
    upkeep_reach_pages,
    lending_calendar_pages,
    lending_pages,
    lending_api,
    barter_pages,
    timetable_terms_pages,
    directory_institution_pages,
    directory_api,
    directory_state_api,
    timetable_pages,
    timetable_duty_pages,
    timetable_public_pages,
    enquiries_pages,
    enquiries_answer_pages,
    enquiries_api,
    moderation_suggest_pages,
    moderation_note_pages,
    moderation_pages,
    moderation_conflict_pages,
    duplicates_pages,
    participants_list_pages,
    participants_pages,
    participants_care_pages,
    participants_api,
    referrals_pages,
    sender_pages,
    referrals_clock_pages,
    guest_code_pages,
    code_pages,
    intake_pages,
    participant_pages,
    referrals_line_pages,
    referrals_api,
    attendance_pages,
    attendance_term_pages,
    attendance_list_pages,
    attendance_own_days_pages,
    attendance_api,
    caseload_pages,
    cooperation_pages,
    closure_pages,
    closure_figure_pages,
    closure_api,
    participation_figure_pages,
    participation_pages,
    participation_take_in_pages,
    participation_api,
    paths_pages,
    paths_api,
    paths_step_pages,
    paths_step_api,
    privacy_pages,
    privacy_letter_pages,
)

# What rooms above the directory show on its pages, in this order.
OFFER_PANELS: tuple[panels.Maker, ...] = (
    upkeep_panels.offer_panel,
    directory_history_panel.offer_panel,
    directory_observed.offer_panel,
    directory_details_pages.details_panel,
    lending_panels.lending_panel,
    timetable_panels.offer_panel,
    barter_panels.exchange_panel,
    moderation_panels.offer_panel,
    timetable_terms_panels.terms_panel,
)
INSTITUTION_PANELS: tuple[panels.Maker, ...] = (moderation_panels.institution_panel, duplicates_panels.merges_panel)
OWN_LINKS: tuple[panels.OwnLink, ...] = (
    directory_details_pages.OWN_LINK,
    lending_panels.OWN_LINK,
    timetable_panels.MEETINGS,
    timetable_panels.DUTY,
    barter_panels.OWN_LINK,
    timetable_terms_panels.OWN_LINK,
    referrals_line_pages.OWN_LINK,
)

# What the coordinator looks after, in this order; the menu leads to the page of them all.
CARES: tuple[care.Care, ...] = (
    closure_cares.DISCREPANCIES,
    upkeep_cares.CALLS,
    directory_cares.EDITS,
    moderation_cares.QUEUE,
    duplicates_cares.PAIRS,
    accounts_cares.AGREEMENTS,
    upkeep_cares.BOARD,
    upkeep_cares.CHANGES,
    directory_cares.BETTER,
    directory_cares.DOUBTFUL,
    directory_cares.OWN,
    accounts_cares.CLAIMS,
    moderation_cares.SOURCES,
    barter_cares.EXCHANGE,
    caseload_pages.CARE,
)
# What waits for somebody who leaves.
OPEN_WORK: tuple[open_work.Maker, ...] = (people_sent_here, people_followed, people_kept, numbers_to_confirm)
# What goes on with people of a list.
PERSON_STANDING: tuple[standing.Maker, ...] = (referrals_of_people, participation_panels.in_the_club)
# What rooms above the referrals show on the page of one, and on the person's own.
REFERRAL_PARTS: tuple[attachments.Maker, ...] = (
    closure_panels.discrepancy_part,
    sender_pages.lesson_part,
    sender_pages.sisters_part,
    sender_pages.papers_part,
    code_pages.code_part,
    referrals_whereabouts.whereabouts,
    sender_pages.sharing_part,
    paths_panels.path_part,
    referrals_line_pages.line_part,
    attendance_panels.referral_attachment,
    *caseload_pages.PARTS,
    attendance_term_panels.term_attachment,
    participation_panels.take_in_attachment,
)


@asynccontextmanager
async def _running(app: Litestar) -> AsyncIterator[None]:
    """Open the pool, then whatever a room keeps running (its `lifespan`), and close them the other way round."""
    async with AsyncExitStack() as stack:
        await open_pool(settings().database_url)
        stack.push_async_callback(close_pool)
        for room in ROOMS:
            lifespan = getattr(room, "lifespan", None)
            if lifespan is not None:
                await stack.enter_async_context(lifespan(app))
        # Words, places and the directory stay for as long as the process: looking through them for lost cycles would
        # stop somebody's page for a tenth of a second, every twenty pages.
        gc.collect()
        gc.freeze()
        yield


def make_app(*, lifespan: bool = True, more: Sequence[HTTPRouteHandler] = ()) -> Litestar:
    """The ASGI application; without `lifespan` (tests) the pool is the caller's. `more`: the demonstration's pages."""
    open_work.hang(OPEN_WORK)
    standing.hang(PERSON_STANDING)
    panels.hang(offers=OFFER_PANELS, institutions=INSTITUTION_PANELS, own=OWN_LINKS)
    directory_observed.hang_more((closure_panels.closing_figures,))
    attachments.attach(REFERRAL_PARTS)
    listen((carry_out,))
    follow_drafts((follow,))
    care.hang(CARES)
    follow_places((keep_told_places,))
    routes = [*(route for room in ROOMS for route in room.routes), *more]
    app = Litestar(
        route_handlers=routes,
        request_class=HubRequest,
        guards=[check_permission],
        before_request=check_origin,
        middleware=[Measured, OwnWrites, Sessions],
        exception_handlers=EXCEPTION_HANDLERS,
        lifespan=[_running] if lifespan else [],
        openapi_config=None,
        request_max_body_size=LARGEST_BODY,
        debug=False,
        pdb_on_exception=False,
        logging_config=None,
    )
    # Around everything: an address without a route never reaches the middleware, and its answer is a page too.
    app.asgi_handler = HeadAsGet(ReadToEnd(Security(app.asgi_handler)))
    return app
