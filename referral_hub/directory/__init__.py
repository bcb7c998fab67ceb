"""Sites, offers, readings of free places, and the public directory over them."""
