"""Which offers fit this person, and why, and why not."""
