"""In and out of the hub: registers, spreadsheets, standards of others."""
