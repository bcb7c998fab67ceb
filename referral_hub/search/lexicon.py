"""The words a directory really contains: known without diacritics, by their beginning, and with typing
errors. Pure."""

from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice

from msgspec import Struct
from rapidfuzz import process
from rapidfuzz.distance import OSA

from referral_hub.search.polish import fold, forms

_SHORTEST_TYPO, _LONG = (
    4,
    7,
)  # shorter words are too near to one another to guess; long ones may hold two slips
_SHORTEST_START, _MOST_STARTED = 4, 30


class Lexicon(Struct, frozen=True):
    """`folded`: every form without diacritics → its lemmas; `spelt`: the same form → as a person writes
    it."""

    folded: dict[str, tuple[str, ...]]
    spelt: dict[str, str]
    in_order: list[str] = []

    def without_diacritics(self, word: str) -> tuple[str, ...]:
        """The lemmas whose forms look like the word when diacritics are left out."""
        return self.folded.get(fold(word), ())

    def starting(self, word: str) -> tuple[str, ...]:
        """The lemmas that begin with a word still being typed; none when that would be too many."""
        start = fold(word)
        if len(start) < _SHORTEST_START:
            return ()
        found: set[str] = set()
        ordered = self._ordered()
        for form in islice(ordered, bisect_left(ordered, start), None):
            if not form.startswith(start) or len(found) > _MOST_STARTED:
                break
            found.update(self.folded[form])
        return tuple(sorted(found)) if len(found) <= _MOST_STARTED else ()

    def _ordered(self) -> list[str]:
        """The forms in order, sorted anew where words were added since."""
        if len(self.in_order) != len(self.folded):
            self.in_order[:] = sorted(self.folded)
        return self.in_order

    def nearest(self, word: str) -> str | None:
        """The form one slip away (two in a long word), as a person writes it; None when nothing is near."""
        wrong = fold(word)
        if len(wrong) < _SHORTEST_TYPO or not wrong.isalpha():
            return None
        slips = 2 if len(wrong) >= _LONG else 1
        found = process.extract(wrong, self.folded.keys(), scorer=OSA.distance, score_cutoff=slips, limit=20)
        if not found:
            return None
        best = min(found, key=lambda hit: (hit[1], hit[0][:1] != wrong[:1], abs(len(hit[0]) - len(wrong)), hit[0]))
        return self.spelt[best[0]]


@lru_cache(maxsize=60_000)
def folded_forms(lemma: str) -> tuple[tuple[str, str], ...]:
    """Each form of a lemma, folded and as written."""
    return tuple((fold(form), form) for form in sorted(forms(lemma), key=lambda form: (form != lemma, form)))


def make_lexicon(lemmas: Iterable[str]) -> Lexicon:
    """The lexicon of these lemmas with all their inflected forms."""
    made = Lexicon({}, {}, [])
    extend_lexicon(made, lemmas)
    return made


@lru_cache(maxsize=2)
def _lexicon_of(lemmas: frozenset[str]) -> Lexicon:
    return make_lexicon(lemmas)


def lexicon_of(lemmas: frozenset[str]) -> Lexicon:
    """A lexicon of these lemmas to add others to; the same ones are worked out once."""
    made = _lexicon_of(lemmas)
    return Lexicon(dict(made.folded), dict(made.spelt), [])


def extend_lexicon(lexicon: Lexicon, lemmas: Iterable[str]) -> None:
    """Add lemmas with all their inflected forms."""
    for lemma in lemmas:
        for bare, form in folded_forms(lemma):
            known = lexicon.folded.get(bare, ())
            if lemma not in known:
                lexicon.folded[bare] = (*known, lemma)
            if form == lemma or bare not in lexicon.spelt:  # the dictionary form is what one proposes
                lexicon.spelt[bare] = form
