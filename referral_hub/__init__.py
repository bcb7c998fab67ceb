"""Partner directory with free places, and a referral hub with feedback."""
