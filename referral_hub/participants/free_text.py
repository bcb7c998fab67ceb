"""What does not belong into words about a person: the rules stand with those for words about institutions."""

from referral_hub.institutions.free_text import holds_pesel as holds_pesel
from referral_hub.institutions.free_text import warnings_in as warnings_in
