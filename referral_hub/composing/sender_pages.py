"""Every page of whoever sends: composing, checking, papers, several at once, letters; with what programs ask."""

from referral_hub.composing import (
    afterwards_pages,
    compose_pages,
    follow_pages,
    group_pages,
    lessons,
    papers_pages,
    request_api,
    sharing_parts,
    sister_pages,
)
from referral_hub.own_page import card_pages, letter_pages
from referral_hub.referrals import check_pages

lesson_part = lessons.lesson_part
papers_part = papers_pages.papers_part
sharing_part = sharing_parts.sharing_part
sisters_part = sister_pages.sisters_part
routes = [
    *compose_pages.routes,
    *follow_pages.routes,
    *check_pages.routes,
    *papers_pages.routes,
    *afterwards_pages.routes,
    *group_pages.routes,
    *sister_pages.routes,
    *card_pages.routes,
    *letter_pages.routes,
    *request_api.routes,
]
