"""What does not belong into words that others read: a PESEL is refused, hints of a person or diagnosis warn. Pure."""

import re

from stdnum.pl import pesel

from referral_hub.institutions.mailboxes import given_names, read_mailboxes
from referral_hub.institutions.names import fold

_NUMBER = re.compile(r"(?<!\d)(?:\d[ -]?){10}\d(?!\d)")
# A room or a bus is written like a code of an illness; the word before tells them apart.
_ICD = re.compile(
    r"(?:\b(sal[aięy]|pok(?:ój|oju|\.)|nr|gabinet\w*|lini[aięą]|autobus\w*|lok\.)\s+)?\b[A-TV-Z]\d{2}(?:\.\d{1,2})?\b"
)
# Beginnings of words that tell a diagnosis; short ones are whole words.
_DIAGNOSES = re.compile(
    r"\b(?:schizofre\w*|psychoz\w*|depresj\w*|chad\b|dwubiegun\w*|borderline\b|nerwic\w*|padaczk\w*|epileps\w*"
    r"|autyz\w*|asperger\w*|adhd\b|demencj\w*|otępien\w*|alzheimer\w*|nowotw\w*|rak(?:a|iem)?\b|hiv\b|aids\b"
    r"|żółtaczk\w*|hcv\b|wzw\b|gruźlic\w*|cukrzyc\w*|marskoś\w*|zaburzeni\w+ osobowości|próba samobójcza"
    r"|myśli samobójcz\w*|samookalecz\w*|psychotycz\w*|urojeni\w*|halucynacj\w*|zaburzeni\w* (?:odżywiania|lękow\w*"
    r"|psychiczn\w*|afektywn\w*)|anoreksj\w*|bulimi\w*|niepełnosprawno\w* intelektualn\w*|upośledzeni\w*"
    r"|białaczk\w*|udar(?:em|u|ze)?\b|stwardnieni\w* rozsian\w*|parkinson\w*|zespół abstynencyjny|delirium"
    r"|chorob\w* (?:psychiczn|alkoholow|nowotworow|zakaźn)\w*|oddzia\w+ psychiatryczn\w*"
    r"|diagnoz\w*|rozpoznan\w*|hospitalizacj\w*)",
    re.IGNORECASE,
)
# Medicines by the names that stand on boxes and prescriptions, inflected too.
_MEDICINES = re.compile(
    r"\b(?:sertralin\w*|zoloft\w*|asertin\w*|asentr\w*|fluoksetyn\w*|escitalopram\w*|citalopram\w*|paroksetyn\w*"
    r"|wenlafaksyn\w*|velaxin\w*|duloksetyn\w*|mirtazapin\w*|mianseryn\w*|trazodon\w*|trittico|bupropion\w*"
    r"|olanzapin\w*|zyprex\w*|zolafren\w*|kwetiapin\w*|quetiapin\w*|ketrel\w*|rysperydon\w*|risperidon\w*"
    r"|rispolept\w*|aripiprazol\w*|abilify|klozapin\w*|clozapin\w*|haloperidol\w*|lewomepromazyn\w*|tisercin\w*"
    r"|chlorprotiksen\w*|lit(?:em|u)\b|węglan\w* litu|lamotrygin\w*|lamitrin\w*|walproinian\w*|depakin\w*"
    r"|karbamazepin\w*|diazepam\w*|relanium|alprazolam\w*|xanax\w*|afobam\w*|lorazepam\w*|klonazepam\w*|clonazepam\w*"
    r"|estazolam\w*|zolpidem\w*|hydroksyzyn\w*|metadon\w*|buprenorfin\w*|naltrekson\w*|disulfiram\w*|esperal\w*"
    r"|anticol\w*|akamprozat\w*|metylofenidat\w*|medikinet\w*|insulin\w*|metformin\w*|antyretrowirus\w*)",
    re.IGNORECASE,
)
_CASE_CODE = re.compile(r"\b[2-9A-HJKMNP-Z]{3}-[2-9A-HJKMNP-Z]{3}\b")
_ADDRESSED = re.compile(r"\b(?:[Pp]an(?:i|a|u|em|ią|ów|owie|ie)?|[Pp]aństw(?:o|a|u|em))\s+[A-ZŁŚŻŹĆÓŃ]\w+")
_INITIALS = re.compile(r"(?<![\w.])[A-ZŁŚŻ]\.\s?[A-ZŁŚŻ]\.(?!\w)")
_WORDS = re.compile(r"[^\W\d_]+\.?|[.!?\n]")
# After these a name is that of a street or a patron.
_PATRONS = {"ul", "al", "os", "pl", "im", "sw", "ks", "ulica", "ulicy", "aleja", "alei", "plac", "placu", "osiedle",
            "osiedlu", "imienia", "swietego", "swietej", "sw.", "patron", "parafia", "parafii", "szkola"}  # fmt: skip


def holds_pesel(text: str) -> bool:
    """True if a run of eleven digits is a valid PESEL (date and check digit)."""
    return any(pesel.is_valid(re.sub(r"\D", "", found)) for found in _NUMBER.findall(text))


def warnings_in(text: str) -> list[str]:
    """Codes of what the writer should look at again: `words_tell_diagnosis`."""
    if _DIAGNOSES.search(text) or _MEDICINES.search(text) or any(not room for room in _ICD.findall(text)):
        return ["words_tell_diagnosis"]
    return []


def names_somebody(text: str) -> bool:
    """Whether words look as if they named a person: a given name with a surname, „pani Nowak”, J.K., a case code,
    an address of somebody's own. Names of streets and patrons do not count."""
    if _CASE_CODE.search(text) or _ADDRESSED.search(text) or _INITIALS.search(text):
        return True
    if any(box.problem == "names_person" for box in read_mailboxes(text)):
        return True
    words = _WORDS.findall(text)
    for place, word in enumerate(words[:-1]):
        following = words[place + 1]
        before = fold(words[place - 1]).rstrip(".") if place else ""
        if before in _PATRONS or not (word[0].isupper() and following[0].isupper()):
            continue
        if _is_given_name(word) and len(following) > 2 and not following.isupper():
            return True
    return False


def cautions(text: str) -> list[str]:
    """Codes of every reason to look again at words about an institution: a person named, a diagnosis told."""
    return [*(["words_name_person"] if names_somebody(text) else []), *warnings_in(text)]


def _is_given_name(word: str) -> bool:
    """A given name as it stands or inflected (Anna, Annę, Janem)."""
    folded = fold(word).rstrip(".")
    return any(
        folded == name
        or (len(name) > 3 and folded[:-1] == name[:-1])
        or folded in (f"{name}a", f"{name}em", f"{name}owi")
        for name in given_names()
    )
