"""Everything this room serves, and what it hangs on other pages, gathered for the application."""

from referral_hub.caseload import api, basis_pages, bulk_pages, note_pages, undo_pages, unmet_pages, worklist_pages
from referral_hub.referrals.attachments import Maker

CARE = unmet_pages.CARE
PARTS: tuple[Maker, ...] = (basis_pages.basis_part, unmet_pages.unmet_part, note_pages.notes_part)

routes = [
    *worklist_pages.routes,
    *bulk_pages.routes,
    *undo_pages.routes,
    *basis_pages.routes,
    *note_pages.routes,
    *unmet_pages.routes,
    *api.routes,
]
