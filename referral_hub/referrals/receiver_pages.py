"""Every page a receiving institution meets: by link, with an account, and the codes on both sides."""

from referral_hub.referrals import code_pages, guest_code_pages, intake_pages

code_part = code_pages.code_part
routes = [*guest_code_pages.routes, *code_pages.routes, *intake_pages.routes]
