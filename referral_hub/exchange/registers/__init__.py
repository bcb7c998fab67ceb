"""Polish public registers as they really are: a row becomes drafts, and every doubt a line of the report."""
