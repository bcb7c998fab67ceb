"""A letter as an answer: shown by the browser, kept by no cache, under a name that says nothing of anybody."""

from litestar import Response


def pdf_answer(pdf: bytes, name: str) -> Response[bytes]:
    """`name`: the kind of letter (karta, lista, potwierdzenie); never a number, a code or a person."""
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'inline; filename="{name}.pdf"'}
    return Response(pdf, status_code=200, media_type="application/pdf", headers=headers)
