"""A letter as whoever holds the paper meets it: its pages drawn, its codes scanned; and what no tag covers."""

import io
from collections.abc import Iterator
from typing import Any, Final

import pypdf
import pypdfium2
import zxingcpp
from pypdf.generic import ContentStream

DRAWS: Final = {"Tj", "TJ", "'", '"', "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "Do", "sh", "BI"}


def codes_on(pdf: bytes) -> list[list[str]]:
    """The QR codes of each page, scanned from the page drawn at about 100 dpi."""
    drawn = [page.render(scale=1.4).to_numpy() for page in pypdfium2.PdfDocument(pdf)]
    return [[found.text for found in zxingcpp.read_barcodes(page)] for page in drawn]


def untagged(pdf: bytes) -> list[str]:
    """Every act of drawing outside marked content: a reader would pass over it in silence."""
    reader, found = pypdf.PdfReader(io.BytesIO(pdf)), []
    for page in reader.pages:
        depth = 0
        for _, operator in ContentStream(page.get_contents(), reader).operations:
            name = operator.decode()
            depth += {"BDC": 1, "BMC": 1, "EMC": -1}.get(name, 0)
            if name in DRAWS and depth == 0:
                found.append(name)
    return found


def elements(pdf: bytes) -> Iterator[dict[str, Any]]:
    """The structure of the letter, element by element."""
    waiting: list[Any] = [pypdf.PdfReader(io.BytesIO(pdf)).trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop().get_object()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            yield node
            waiting += [node["/K"]] if "/K" in node else []


def smallest_letters(pdf: bytes) -> float:
    """The size, in points, of the smallest letters; the foot of a page is no part of what is read."""
    reader, sizes = pypdf.PdfReader(io.BytesIO(pdf)), set()
    for page in reader.pages:
        marks, size = [], 0.0
        for operands, operator in ContentStream(page.get_contents(), reader).operations:
            name = operator.decode()
            if name in ("BDC", "BMC"):
                marks.append(str(operands[0]))
            elif name == "EMC":
                marks.pop()
            elif name == "Tf":
                size = float(operands[1])
            elif name in ("Tj", "TJ") and "/Artifact" not in marks:
                sizes.add(size)
    return min(sizes)
