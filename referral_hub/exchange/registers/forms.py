"""Forms of support, needs and audiences recognised in the free text of a register: what is said, not what is guessed.

The text is taken clause by clause. A clause that says no („nie prowadzi terapii”), or that only points elsewhere
(„kierowanie na leczenie odwykowe”, „informacja o grupach wsparcia”), gives nothing. Patterns are over the folded
text (no diacritics), so endings are left open: „psychologiczn” is every case of the adjective. Pure.
"""

import re
from collections.abc import Iterable

from referral_hub.institutions.names import fold

_P = re.compile

FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("por_psychologiczne", _P(r"psychologiczn|\bpsycholog(?!i)|\bpsycholodz")),
    ("por_prawne", _P(r"\bprawn[aeiy]|\bprawnik|\bprawnic|\bradc[ao]\w* prawn|\bradca\b|\badwokat")),
    ("por_obywatelskie", _P(r"obywatelsk|nieodplatn\w+ pomoc\w* prawn|nieodplatn\w+ poradnictw\w* prawn")),
    ("praca_socjalna", _P(r"\bprac[aey] socjaln|\bpracowni\w+ socjaln|specjali\w+ pracy socjalnej")),
    ("gr_wsparcia", _P(r"\bgrup\w* wsparcia")),
    ("gr_samopomocowa", _P(r"\bgrup\w* samopomoc|klub\w* abstynent|\bmityng|grup\w* aa\b")),
    ("gr_terapeutyczna", _P(r"\bgrup\w* (?:psycho)?terapeutyczn|terapi\w* grupow|psychoterapi\w* grupow")),
    (
        "terapia_uzaleznien",
        _P(
            r"terapi\w* (?:leczenia )?(?:od )?uzalezn"
            r"|(?<!terapeuta )(?<!terapeuty )leczeni\w* (?:od )?(?:uzalezn|odwyk)"
            r"|psychoterapi\w* uzalezn|oddzial\w* leczenia uzalezn|terapi\w* odwykow"
        ),
    ),
    (
        "leczenie_psych",
        _P(
            r"psychoterap(?:i|eut)(?!\w*(?: ds)?\.? uzalezn)|psychiatr"
            r"|terapi\w* (?:indywidualn|rodzin|psychologiczn|krotkotermin)"
            r"|leczeni\w* zaburzen|terapi\w* i poradnictw|terapia interwencyjna"
        ),
    ),
    ("interwencja", _P(r"interwencj\w* kryzysow|interwencji kryzysowej|konsultacj\w* kryzysow")),
    ("schronienie", _P(r"\bschronieni|\bnocleg|\bschronisk|\bogrzewaln|miejsc\w* schronieni")),
    ("pobyt_calodobowy", _P(r"\bhostel|pobyt\w* calodobow|mieszkani\w* chronion|mieszkani\w* wspomagan")),
    ("mediacja", _P(r"\bmediac|\bmediat|\bmedjac")),
    (
        "wsparcie_dzienne",
        _P(r"swietlic|wsparci\w* dzienn|klub\w* (?:dla )?(?:senior|dziec|mlodziez)|opiekuncz\w* wychowawcz"),
    ),
    ("opieka_dzieci", _P(r"opiek\w* (?:nad )?dzie(?:ck|c)|zlobek|zlobk")),
    ("pomoc_rzeczowa", _P(r"pomoc\w* (?:rzeczow|materialn)|wsparci\w* (?:rzeczow|materialn)|paczk\w* zywnosc")),
    ("posilek", _P(r"\bobiad|\bposil(?:ek|k)|jadlodajn|dozywiani")),
    ("asystent", _P(r"\basysten(?:t|c)(?!\w* prawn)|uslug\w* opiekuncz")),
    ("rehabilitacja", _P(r"rehabilitac|terapi\w* zajeciow")),
    ("szkolenie", _P(r"\bszkoleni|\bkurs(?:y|ow|u)?\b(?! jez)")),
    ("kurs_jezyka", _P(r"(?:kurs\w*|nauk\w*) (?:jezyka )?polski")),
    ("doradztwo_zawodowe", _P(r"(?:doradztw|poradnictw|doradc)\w* zawodow|doradc\w* pracy")),
    ("posrednictwo", _P(r"posrednictw\w* pracy|pomoc\w* w (?:znalezieniu|poszukiwaniu) pracy")),
    ("staz", _P(r"\bstaz(?:e|u|y)?\b(?! pracy)")),
    ("prace_interwencyjne", _P(r"prac\w* interwencyjn")),
    ("roboty_publiczne", _P(r"robot\w* publiczn")),
    ("psu", _P(r"prac\w* spolecznie uzyteczn")),
    ("zatrudnienie_wspierane", _P(r"zatrudnieni\w* wspieran")),
    ("spoldzielnia_socjalna", _P(r"spoldzielni\w* socjaln")),
    ("wolontariat", _P(r"\bwolontariat")),
    ("edukacja_doroslych", _P(r"(?:szkol|nauk|edukacj)\w* (?:dla )?doroslych")),
    ("transport", _P(r"\bdowoz|\btransport")),
)
_GENERAL = _P(r"\bporadnictw|\bporad[ayz]?\b|\bporady|\bdoradztw|\binformac|\binformowani|\bkonsultac")
_SPECIAL = _P(r"psycholog|prawn|obywatelsk|zawodow|psychiatr|kryzysow|psychoterap|mediac|uzaleznie")

BY_KIND = {
    "oik": ("interwencja",),
    "npp": ("por_obywatelskie",),
    "lecznictwo_odwykowe": ("terapia_uzaleznien",),
    "schronisko": ("schronienie",),
    "wsparcie_dzienne": ("wsparcie_dzienne",),
}
"""Forms a kind of institution has by its very purpose, whatever its row says."""

NEEDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("przemoc", _P(r"\bprzemoc|niebiesk\w+ kart")),
    ("uzaleznienie", _P(r"uzaleznie|uzaleznion|wspoluzalezn|alkohol|narkot|odwyk|trzezwos|abstynen|narkoman")),
    ("zadluzenie", _P(r"\bdlug(?:i|ow)?\b|zadluz|oddluz")),
    ("nocleg", _P(r"\bnocleg|ogrzewaln")),
    ("niepelnosprawnosc", _P(r"orzecznictw\w* o niepelnosp|rehabilitac")),
)
AUDIENCES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "przemoc",
        _P(
            r"(?:dotkniet|doznajac|doswiadczajac|uwiklan|krzywdzon)\w* (?:w )?przemoc|ofiar\w* przemoc"
            r"|ofiar\w*[^.;]{0,30} przemoc|przed przemoca"
        ),
    ),
    ("uzal_alkohol", _P(r"(?:uzaleznion\w*|uzaleznieni\w*) od alkohol|problem\w* alkoholow|osob\w* pijac")),
    ("uzal_narkotyki", _P(r"uzaleznion\w* od narkot|narkoman|narkotykow")),
    ("bezdomne", _P(r"\bbezdomn")),
    ("samotni_rodzice", _P(r"samotn\w+ (?:matk|matek|rodzic|ojc)|samotnie wychowuj")),
    ("cudzoziemcy", _P(r"cudzoziem|obywatel\w* ukrainy|migrant")),
    ("uchodzcy", _P(r"\buchodz")),
    ("zaburzenia_psychiczne", _P(r"(?:zaburzeni|chorob)\w* psychiczn|psychicznie chor")),
    ("niepeln_intelektualna", _P(r"niepelnosprawn\w* intelektualn|niepelnosprawnosci\w* intelektualn")),
    ("opuszczajace_zk", _P(r"opuszczajac\w* zaklad\w* karn|zwolnieni\w* z zaklad\w* karn|bylych wiezni")),
    ("wychowankowie", _P(r"usamodzielnian|wychowank\w* placow|opuszczajac\w* (?:piecz|niektore typy)")),
    ("bezrobotne", _P(r"\bbezrobotn")),
)

_NO = _P(r"\bnie (?!tylko\b|dotyczy\b|\w+ przemoc)|\bbrak\b|\bbez\b|\bnie$|\bz wyjatkiem\b|\boprocz\b|\bplanowan")
_NO_LIST = _P(r"\bnie (?:prowadz|swiadcz|oferuj|zapewni|udziel|posiad|ma\b|zatrudni|realizuj)\w*")
_BUT = _P(r"\b(?:ale|natomiast|lecz|jednak|tylko|udziela|prowadzi|zapewnia|swiadczy|oferuje)\b")
_ELSEWHERE = _P(
    r"kierowani|skierowani|motyw(?:owani|acj|uj)|wniosk|(?:informac|informowan)\w*(?P<at> (?:o|na temat|dotyczac))"
    r"|po zakoncz|pokrywani|finansowani|doplat|na terenie gminy|znajduje sie|wspolprac|w zakresie pomocy spolecznej"
)
_SENTENCES = re.compile(r"[.;\n•]")


def said(text: str) -> list[str]:
    """Folded clauses of a text that say something is there; each from its start to where it stops being so."""
    found = []
    for sentence in _SENTENCES.split(fold(text)):
        refused = False
        for clause in re.split(r",|\s-\s", sentence):
            if refused and not _BUT.search(clause):
                continue
            refused = bool(_NO_LIST.search(clause))
            found.append(_positive(clause))
    return [clause for clause in found if clause.strip(" -–")]


def _positive(clause: str) -> str:
    """The part of a clause before it says no or points elsewhere, and what follows a „but”."""
    stops = [found.start() for found in (_NO.search(clause),) if found]
    if elsewhere := _ELSEWHERE.search(clause):
        stops.append(elsewhere.start("at") if elsewhere["at"] else elsewhere.start())
    if not stops:
        return clause
    rest = clause[min(stops) :]
    turn = re.search(r"\b(?:ale|natomiast|lecz|jednak)\b", rest)
    return clause[: min(stops)] + (_positive(rest[turn.end() :]) if turn else "")


def _in_order(rules: Iterable[tuple[str, re.Pattern[str]]], clauses: list[str]) -> tuple[str, ...]:
    return tuple(code for code, pattern in rules if any(pattern.search(clause) for clause in clauses))


def recognise_forms(help_text: str, specialists: str = "", kind: str = "") -> tuple[str, ...]:
    """Codes of every form the texts say, in the order of FORMS; `inna` when there is none."""
    clauses, people = said(help_text), said(specialists)
    found = dict.fromkeys(BY_KIND.get(kind, ()))
    found.update(dict.fromkeys(_in_order(FORMS, clauses)))
    found.update(dict.fromkeys(code for code in _in_order(FORMS, people) if code not in _NOT_BY_PERSON))
    if kind == "npp" or "por_obywatelskie" in found:
        found.pop("por_prawne", None)
    if any(_is_general(clause) for clause in clauses):
        found["poradnictwo_ogolne"] = None
    return tuple(found) or ("inna",)


_NOT_BY_PERSON = {
    "interwencja",
    "terapia_uzaleznien",
    "gr_wsparcia",
    "gr_terapeutyczna",
    "gr_samopomocowa",
    "wolontariat",
    "staz",
}
"""A therapist on duty advises; that is not yet a therapy or a group."""


def _is_general(clause: str) -> bool:
    """„poradnictwo, informacja” is advice in general; „poradnictwo psychologiczne” is its own form."""
    return any(
        not _SPECIAL.search(" ".join(re.findall(r"\w+", clause[found.start() :])[:3]))
        for found in _GENERAL.finditer(clause)
    )


def recognise_needs(*texts: str) -> tuple[str, ...]:
    """Needs a text names outright."""
    return _in_order(NEEDS, [clause for text in texts for clause in said(text)])


def recognise_audiences(*texts: str) -> tuple[str, ...]:
    """Groups a text names outright."""
    return _in_order(AUDIENCES, [clause for text in texts for clause in said(text)])
