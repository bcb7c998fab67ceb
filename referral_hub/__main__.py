"""`python -m referral_hub` is `referral-hub`."""

import sys

from referral_hub.cli import main

sys.exit(main())
