"""What people typed, and what they should have found: ids of `corpus.py`. `!id` must not be found."""

INFLECTED = """
psychiatry | pzp-tarnow
psychologiem | psych-bochnia
terapii uzależnień | ptu-tarnow ptu-limanowa
terapię uzależnienia | ptu-tarnow ptu-limanowa
noclegów | noc-tarnow noc-sacz
obiady | obiad-tarnow
stażu | staz-limanowa
kursy spawania | kurs-tarnow
mediacjami | mediacja-tarnow
świetlicę | swietlica-zabno
grupy wsparcia | gw-bochnia kis-limanowa
warsztatami terapii zajęciowej | wtz-bochnia
prawników | npp-limanowa
bezrobotnymi | pup-limanowa staz-limanowa
"""
NO_DIACRITICS = """
zywnosc | paczka-zabno obiad-tarnow
swietlicy | swietlica-zabno
uzaleznien | ptu-tarnow ptu-limanowa
zadluzenie | dlugi-sacz npp-limanowa
posrednictwo pracy | pup-limanowa
staz | staz-limanowa
uslugi opiekuncze | mops-tarnow
wiezienie | wiezienie-krakow
osrodek interwencji kryzysowej | oik-tarnow
niepelnosprawnych | zaz-sacz wtz-bochnia
odziez | noc-sacz
zlobka | zlobek-wieliczka
"""
TYPOS = """
psycholg | psych-bochnia
komornk | dlugi-sacz npp-limanowa
terpia uzaleznen | ptu-tarnow ptu-limanowa
noclek | noc-tarnow noc-sacz
schronsiko | noc-tarnow noc-sacz
wolontarait | wol-zakopane
mediajce | mediacja-tarnow
pośrednitwo pracy | pup-limanowa
psyhiatra | pzp-tarnow
zadłuzenie | dlugi-sacz
"""
ABBREVIATIONS = """
OPS | ops-limanowa ops-lososina mops-tarnow paczka-zabno !pup-limanowa
MOPS | mops-tarnow ops-limanowa
PUP | pup-limanowa staz-limanowa doradca-sacz
PCPR | psych-bochnia mediacja-tarnow
ŚDS | sds-tarnow
sds | sds-tarnow
DPS | dps-sacz !sds-tarnow
AA | aa-mszana
A.A. | aa-mszana
OIK | oik-tarnow
CIS | cis-tarnow !kis-limanowa
kis | kis-limanowa
ZAZ | zaz-sacz
wtz | wtz-bochnia
NFZ | ptu-tarnow
CZP | pzp-tarnow
"""
COLLOQUIAL = """
odwyk | ptu-tarnow ptu-limanowa
detoks | ptu-tarnow
alkoholik | ptu-tarnow aa-mszana
mąż pije | ptu-tarnow ptu-limanowa aa-mszana
bezdomny | noc-tarnow noc-sacz mieszk-tarnow
nie mam gdzie spać | noc-tarnow noc-sacz
niepełnosprawny | zaz-sacz wtz-bochnia
inwalida | zaz-sacz wtz-bochnia
upośledzeni | sds-tarnow
chory psychicznie | sds-tarnow pzp-tarnow
depresja | pzp-tarnow
komornik | dlugi-sacz npp-limanowa
długi | dlugi-sacz npp-limanowa
żłobek | zlobek-wieliczka
darmowy obiad | obiad-tarnow
coś do jedzenia | obiad-tarnow paczka-zabno
prawnik | npp-limanowa dlugi-sacz oik-tarnow
adwokat | npp-limanowa dlugi-sacz
mąż mnie bije | sow-bochnia oik-tarnow
szukam pracy | pup-limanowa
robota | pup-limanowa
pośredniak | pup-limanowa
dom starców | dps-sacz
opieka społeczna | ops-limanowa mops-tarnow
wyszedłem z więzienia | wiezienie-krakow
nauka polskiego | ua-krakow
samotna matka | sow-bochnia
eksmisja | mieszk-tarnow
prysznic | noc-sacz
"""
PLACED = """
odwyk w Tarnowie | ptu-tarnow !ptu-limanowa
odwyk tarnów | ptu-tarnow !ptu-limanowa
odwyk limanowa | ptu-limanowa !ptu-tarnow
nocleg w Nowym Sączu | noc-sacz !noc-tarnow
nocleg nowym saczu | noc-sacz !noc-tarnow
psycholog Bochni | psych-bochnia !oik-tarnow
OPS w Łososinie Górnej | ops-lososina !mops-tarnow
ops lososina gorna | ops-lososina !mops-tarnow
swietlica w zabnie | swietlica-zabno !zlobek-wieliczka
mityng w Mszanie Dolnej | aa-mszana
w Zakopanem wolontariat | wol-zakopane
prawnik powiat limanowski | npp-limanowa !dlugi-sacz
gmina Wieliczka żłobek | zlobek-wieliczka !swietlica-zabno
opieka nad dzieckiem pod Krakowem | zlobek-wieliczka !swietlica-zabno
"""

FOREIGN = """
a place to sleep | noc-tarnow noc-sacz
where to sleep | noc-tarnow noc-sacz
i need a lawyer | npp-limanowa
debts | dlugi-sacz
де переночувати | noc-tarnow noc-sacz
мені потрібен психолог | psych-bochnia
борги | dlugi-sacz
"""
KINDS = {
    "inflected": (INFLECTED, 1.0),
    "no diacritics": (NO_DIACRITICS, 1.0),
    "typo": (TYPOS, 0.9),
    "abbreviation": (ABBREVIATIONS, 1.0),
    "colloquial": (COLLOQUIAL, 0.95),
    "place": (PLACED, 1.0),
    "English and Ukrainian": (FOREIGN, 1.0),
}


def pairs(text: str) -> list[tuple[str, set[str], set[str]]]:
    """Each line as what was typed, what must be found, what must not."""
    made = []
    for line in text.strip().splitlines():
        typed, _, expected = line.partition("|")
        names = expected.split()
        made.append((typed.strip(), {n for n in names if n[0] != "!"}, {n[1:] for n in names if n[0] == "!"}))
    return made
