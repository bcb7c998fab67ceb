"""Which documents meet a query, how well, and why; facets counted as of the other filters. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import and_, or_

from msgspec import Struct

from referral_hub.search.index import SCORES, Field, Index, Posting, from_bits, to_bits
from referral_hub.search.query import Alternative, Group, Query

Scores = dict[int, float]


class Matches(Struct, frozen=True):
    """Documents with their scores, and as bits; `missed`: what was typed and had to be left out to find
    anything."""

    scores: Scores
    bits: int
    missed: tuple[str, ...] = ()


class Reason(Struct, frozen=True):
    """Why a document was found: `typed` met a code (`facet:code`), or stands in a field."""

    typed: str
    code: str | None = None
    field: str | None = None


def match(index: Index, query: Query) -> Matches | None:
    """The documents that meet every required group, or as many groups as any document meets; None: nothing
    asked."""
    if not query.groups:
        return None
    scored = [(group, _score_group(index, group)) for group in query.groups]
    required = [scores for group, scores in scored if group.required]
    found = _all_of(required)
    missed: tuple[str, ...] = ()
    if not found:
        found = _most_of(required)
        missed = tuple(group.typed for group, scores in scored if group.required and scores.keys().isdisjoint(found))
    total = {number: sum(scores.get(number, 0.0) for _, scores in scored) for number in found}
    alive = to_bits(total, len(index.documents)) & index.alive
    if alive.bit_count() != len(total):
        total = {number: total[number] for number in from_bits(alive)}
    return Matches(total, alive, missed)


def _all_of(required: list[Scores]) -> set[int]:
    ordered = sorted(required, key=len)
    found = set(ordered[0])
    for scores in ordered[1:]:
        found.intersection_update(scores)
    return found


def _most_of(required: list[Scores]) -> set[int]:
    """The documents that meet more groups than any others do; with one group nothing is left to give up."""
    if len(required) < 2:
        return set()
    counts: dict[int, int] = {}
    for scores in required:
        for number in scores:
            counts[number] = counts.get(number, 0) + 1
    best = max(counts.values(), default=0)
    return {number for number, count in counts.items() if count == best}


def _score_group(index: Index, group: Group) -> Scores:
    """The best alternative counts whole, each further one a fifth: a shelter that is a shelter *and* says so first."""
    parts = [scores for one in group.alternatives if (scores := _score_alternative(index, one))]
    if len(parts) < 2:
        return parts[0] if parts else {}
    parts.sort(key=len, reverse=True)
    best, total = dict(parts[0]), dict(parts[0])
    for part in parts[1:]:
        for number, score in part.items():
            if score > best.get(number, 0.0):
                best[number] = score
            total[number] = total.get(number, 0.0) + score
    return {number: 0.8 * score + 0.2 * total[number] for number, score in best.items()}


def _score_alternative(index: Index, alternative: Alternative) -> Scores:
    """Every one of the terms in one field, each as the best of its readings.

    The score is the mean of the terms, so that a phrase does not win by its length; one field, because „pomoc” in
    small print and „prawna” in a legal form are no „pomoc prawna”.
    """
    parts = [_score_terms(index, readings) for readings in alternative.terms]
    share = alternative.weight / len(parts)
    if len(parts) == 1:
        return {number: score * share for number, score in parts[0].items()}
    together = _all_of(parts)
    for number in tuple(together):
        masks = [_mask_of(index, readings, number) for readings in alternative.terms]
        if not reduce(and_, masks):
            together.discard(number)
    return {number: share * sum(part[number] for part in parts) for number in together}


def _score_terms(index: Index, terms: Iterable[str]) -> Scores:
    best: Scores = {}
    for term in terms:
        posting: Posting | None = index.postings.get(term)
        if posting is None:
            continue
        idf = index.idf(term)
        table = [score * idf for score in SCORES]
        if not best:
            best = {number: table[mask] for number, mask in posting}
            continue
        for number, mask in posting:
            if table[mask] > best.get(number, 0.0):
                best[number] = table[mask]
    return best


def reasons(index: Index, query: Query, number: int) -> list[Reason]:
    """For each thing asked for, what in the document met it: a code if there is one, else the weightiest
    field."""
    codes = set(index.documents[number].codes)
    found = []
    for group in query.groups:
        terms = [term for one in group.alternatives for readings in one.terms for term in readings]
        code = next((term for term in terms if term in codes), None)
        if code is not None:
            found.append(Reason(group.typed, code=code))
        elif (field := _field_of(index, terms, number)) is not None:
            found.append(Reason(group.typed, field=field.name.lower() if field.name else None))
    return found


def _field_of(index: Index, terms: Iterable[str], number: int) -> Field | None:
    mask = _mask_of(index, terms, number)
    return next((field for field in Field if mask & field), None)


def _mask_of(index: Index, terms: Iterable[str], number: int) -> int:
    """The fields of a document in which any of the terms stands."""
    found = (index.postings.get(term) for term in terms)
    return reduce(or_, (_mask_at(posting, number) for posting in found if posting is not None), 0)


def _mask_at(posting: Posting, number: int) -> int:
    place = bisect_left(posting.documents, number)
    here = place < len(posting.documents) and posting.documents[place] == number
    return posting.fields[place] if here else 0


def in_areas(index: Index, areas: Iterable[str]) -> tuple[int, int]:
    """Documents located in any of the units, and documents that serve any of them (wholly, or a part of
    them)."""
    located = served = 0
    for area in areas:
        located |= index.located.get(area, 0)
        for length in (0, 2, 4, 6):
            if length <= len(area):
                served |= index.served.get(area[:length], 0)
    return located, served


def narrow(
    index: Index, base: int, chosen: Mapping[str, Iterable[str]], facets: Mapping[str, Iterable[str]]
) -> tuple[int, dict[str, dict[str, int]]]:
    """Apply filters: OR within a facet, AND between.

    Returns the documents left, and for each facet the count of each of its codes as of the *other* facets'
    filters, so that a count says what choosing the code would show. Codes that would show nothing are left
    out unless chosen.
    """
    picked = {facet: _any(index, facet, codes) for facet, codes in chosen.items() if codes}
    left = base
    for bits in picked.values():
        left &= bits
    counts: dict[str, dict[str, int]] = {}
    for facet, codes in facets.items():
        others = base
        for other, bits in picked.items():
            if other != facet:
                others &= bits
        wanted = set(chosen.get(facet, ()))
        counts[facet] = {
            code: count
            for code in codes
            if (count := (index.sets.get(f"{facet}:{code}", 0) & others).bit_count()) or code in wanted
        }
    return left, counts


def _any(index: Index, facet: str, codes: Iterable[str]) -> int:
    bits = 0
    for code in codes:
        bits |= index.sets.get(f"{facet}:{code}", 0)
    return bits
