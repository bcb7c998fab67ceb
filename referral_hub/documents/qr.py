"""A QR code as SVG text, drawn here and nowhere else."""

import io

import segno


def drawn_code(address: str) -> str:
    """The picture of an address, black on white, with its quiet zone."""
    kept = io.BytesIO()
    segno.make(address, error="m").save(kept, kind="svg", scale=4, light="#ffffff", xmldecl=False)
    return kept.getvalue().decode()
