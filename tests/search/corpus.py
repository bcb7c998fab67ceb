"""A small network in the words real registers use, to ask the search about."""
# ruff: noqa: E501 - a row is a line

from functools import cache

from referral_hub.search.index import Document, Field, Index, build
from referral_hub.search.places import Gazetteer, make_gazetteer
from referral_hub.search.query import Query, topics, understand
from referral_hub.search.synonyms import Synonyms, built_in, read_synonyms

LABELS = {
    "form:terapia_uzaleznien": "terapia uzależnień",
    "form:leczenie_psych": "opieka psychiatryczna / psychologiczna",
    "form:por_psychologiczne": "poradnictwo psychologiczne",
    "form:por_prawne": "poradnictwo prawne",
    "form:por_obywatelskie": "nieodpłatna pomoc prawna / poradnictwo obywatelskie",
    "form:schronienie": "schronienie, nocleg",
    "form:posilek": "posiłek",
    "form:praca_socjalna": "praca socjalna",
    "form:posrednictwo": "pośrednictwo pracy, pomoc w znalezieniu pracy",
    "form:staz": "staż",
    "form:szkolenie": "szkolenie, kurs",
    "form:doradztwo_zawodowe": "doradztwo zawodowe (poradnictwo zawodowe)",
    "form:interwencja": "interwencja kryzysowa",
    "form:gr_wsparcia": "grupa wsparcia",
    "form:gr_samopomocowa": "grupa samopomocowa",
    "form:wsparcie_dzienne": "wsparcie dzienne, świetlica, klub",
    "form:pobyt_calodobowy": "pobyt całodobowy (dom, hostel, oddział)",
    "form:asystent": "asystentura, usługi opiekuńcze",
    "form:mediacja": "mediacje",
    "form:wolontariat": "wolontariat",
    "form:zatrudnienie_cis": "uczestnictwo w CIS (IPZS)",
    "form:edukacja_doroslych": "nauka w szkole / placówce dla dorosłych",
    "form:uzyczenie_zasobu": "użyczenie zasobu (sala, sprzęt)",
    "form:inna": "inna forma",
    "need:uzaleznienie": "uzależnienie, współuzależnienie",
    "need:zdrowie_psychiczne": "zdrowie psychiczne",
    "need:zadluzenie": "zadłużenie, komornik",
    "need:prawo": "porada prawna, sprawy urzędowe",
    "need:nocleg": "nocleg na dziś",
    "need:mieszkanie": "mieszkanie, utrata mieszkania",
    "need:zywnosc": "żywność, posiłek",
    "need:praca": "praca, zarobek",
    "need:staz_praktyka": "staż, doświadczenie zawodowe",
    "need:kwalifikacje": "kwalifikacje, kurs, nauka",
    "need:przemoc": "przemoc domowa",
    "need:kryzys": "nagły kryzys",
    "need:opieka_dziecko": "opieka nad dzieckiem",
    "need:opieka_bliski": "opieka nad bliską osobą",
    "need:rodzina": "sprawy rodzinne, wychowanie",
    "need:niepelnosprawnosc": "niepełnosprawność, rehabilitacja, orzeczenie",
    "need:po_wiezieniu": "po wyjściu z zakładu karnego",
    "need:jezyk_polski": "nauka języka polskiego",
    "need:pobyt": "legalizacja pobytu, integracja",
    "need:odziez_higiena": "odzież, higiena",
    "need:izolacja": "izolacja, osamotnienie",
    "need:wolontariat": "chcę pomagać innym",
    "audience:bezdomne": "osoby w kryzysie bezdomności (bezdomne)",
    "audience:niepelnosprawne": "osoby z niepełnosprawnościami",
    "audience:niepeln_intelektualna": "osoby z niepełnosprawnością intelektualną",
    "audience:zaburzenia_psychiczne": "osoby z zaburzeniami psychicznymi",
    "audience:uzal_alkohol": "osoby uzależnione od alkoholu",
    "audience:bezrobotne": "osoby bezrobotne",
    "audience:samotni_rodzice": "rodzice samotnie wychowujący dzieci",
    "audience:przemoc": "osoby doznające przemocy domowej",
    "audience:cudzoziemcy": "cudzoziemcy / obywatele państw trzecich",
    "audience:opuszczajace_zk": "osoby opuszczające zakłady karne",
    "kind:ops": "ośrodek pomocy społecznej OPS MOPS GOPS",
    "kind:pup": "powiatowy urząd pracy PUP",
    "kind:pcpr": "powiatowe centrum pomocy rodzinie PCPR",
    "kind:lecznictwo_odwykowe": "zakład lecznictwa odwykowego / poradnia terapii uzależnień PTU",
    "kind:poradnia_zdrowie": "poradnia zdrowia psychicznego, inna poradnia PZP CZP",
    "kind:schronisko": "schronisko / noclegownia / ogrzewalnia",
    "kind:npp": "punkt nieodpłatnej pomocy prawnej / poradnictwa obywatelskiego NPP",
    "kind:oik": "ośrodek interwencji kryzysowej OIK",
    "kind:sds": "środowiskowy dom samopomocy ŚDS",
    "kind:dps": "dom pomocy społecznej DPS",
    "kind:cis": "centrum integracji społecznej CIS",
    "kind:kis": "klub integracji społecznej KIS",
    "kind:ngo": "organizacja pozarządowa (stowarzyszenie, fundacja) NGO",
    "kind:parafia": "kościelna osoba prawna (Caritas, parafia)",
    "kind:zaz": "zakład aktywności zawodowej ZAZ",
    "kind:wtz": "warsztat terapii zajęciowej WTZ",
}
PLACES = {
    "Tarnów": "126301",
    "Nowy Sącz": "126201",
    "Limanowa": "120701",
    "Bochnia": "120101",
    "Łososina Górna": "120707",
    "Mszana Dolna": "120702",
    "Zakopane": "121701",
    "Kraków": "126101",
    "Wieliczka": "121905",
    "Żabno": "121615",
}
FIELDS = {"form": Field.FORM, "need": Field.NEED, "audience": Field.AUDIENCE, "kind": Field.KIND}
# id, title, institution, place, codes, small print
ROWS = """
ptu-tarnow|Leczenie uzależnienia od alkoholu|Poradnia Terapii Uzależnień w Tarnowie|Tarnów|form:terapia_uzaleznien need:uzaleznienie audience:uzal_alkohol kind:lecznictwo_odwykowe|terapia indywidualna i grupowa, kontrakt z NFZ, bez skierowania
ptu-limanowa|Terapia uzależnień i współuzależnienia|Szpital Powiatowy w Limanowej, poradnia|Limanowa|form:terapia_uzaleznien need:uzaleznienie kind:lecznictwo_odwykowe|psychoterapeuta, lekarz, hazard
pzp-tarnow|Lekarz psychiatra|Centrum Zdrowia Psychicznego|Tarnów|form:leczenie_psych need:zdrowie_psychiczne audience:zaburzenia_psychiczne kind:poradnia_zdrowie|depresja, nerwica, punkt zgłoszeniowo-koordynacyjny
psych-bochnia|Rozmowa z psychologiem|Powiatowe Centrum Pomocy Rodzinie w Bochni|Bochnia|form:por_psychologiczne need:zdrowie_psychiczne need:rodzina kind:pcpr|psycholog przyjmuje we wtorki po umówieniu
sow-bochnia|Schronienie dla kobiet z dziećmi|Powiatowe Centrum Pomocy Rodzinie w Bochni|Bochnia|form:schronienie need:przemoc audience:przemoc audience:samotni_rodzice kind:pcpr|pobyt do trzech miesięcy
oik-tarnow|Pomoc w nagłym kryzysie przez całą dobę|Ośrodek Interwencji Kryzysowej w Tarnowie|Tarnów|form:interwencja need:kryzys need:przemoc audience:przemoc kind:oik|psycholog, prawnik, hostel
npp-limanowa|Bezpłatny prawnik|Punkt nieodpłatnej pomocy prawnej, starostwo|Limanowa|form:por_obywatelskie need:prawo need:zadluzenie kind:npp|wypełnij oświadczenie o dochodach
dlugi-sacz|Wyjście z długów|Stowarzyszenie Nowy Start|Nowy Sącz|form:por_prawne need:zadluzenie need:prawo kind:ngo|komornik, upadłość konsumencka, rozmowy z wierzycielami
noc-tarnow|Nocleg dla mężczyzn|Schronisko Brata Alberta|Tarnów|form:schronienie need:nocleg audience:bezdomne kind:schronisko|ogrzewalnia od listopada do marca
noc-sacz|Noclegownia i łaźnia|Towarzystwo Pomocy|Nowy Sącz|form:schronienie need:nocleg need:odziez_higiena audience:bezdomne kind:schronisko|kąpiel, zmiana odzieży
obiad-tarnow|Ciepły obiad|Caritas, kuchnia dla ubogich|Tarnów|form:posilek need:zywnosc kind:parafia|zupa w dni robocze od 12 do 14
paczka-zabno|Paczka z żywnością|Gminny Ośrodek Pomocy Społecznej w Żabnie|Żabno|form:inna need:zywnosc kind:ops|raz w miesiącu
ops-limanowa|Praca socjalna i zasiłki|Miejski Ośrodek Pomocy Społecznej w Limanowej|Limanowa|form:praca_socjalna need:rodzina kind:ops|pracownik socjalny, wywiad środowiskowy
ops-lososina|Filia ośrodka|Gminny Ośrodek Pomocy Społecznej|Łososina Górna|form:praca_socjalna need:rodzina kind:ops|pracownik socjalny
mops-tarnow|Usługi opiekuńcze w domu|Miejski Ośrodek Pomocy Społecznej w Tarnowie|Tarnów|form:asystent need:opieka_bliski kind:ops|opiekunka przychodzi do mieszkania
pup-limanowa|Pośrednictwo pracy|Powiatowy Urząd Pracy dla Powiatu Limanowskiego|Limanowa|form:posrednictwo need:praca audience:bezrobotne kind:pup|rejestracja bezrobotnych
staz-limanowa|Staż u pracodawcy|Powiatowy Urząd Pracy dla Powiatu Limanowskiego|Limanowa|form:staz need:staz_praktyka need:praca audience:bezrobotne kind:pup|do sześciu miesięcy, stypendium
kurs-tarnow|Kurs spawania|Zakład Doskonalenia|Tarnów|form:szkolenie need:kwalifikacje kind:ngo|szkolenie zawodowe z egzaminem
doradca-sacz|Spotkanie z doradcą zawodowym|Powiatowy Urząd Pracy w Nowym Sączu|Nowy Sącz|form:doradztwo_zawodowe need:praca kind:pup|życiorys, rozmowa kwalifikacyjna
aa-mszana|Mityng AA Nadzieja|Klub Abstynenta|Mszana Dolna|form:gr_samopomocowa need:uzaleznienie audience:uzal_alkohol kind:ngo|anonimowi alkoholicy, piątki o 18
gw-bochnia|Grupa wsparcia dla rodziców|Fundacja Razem|Bochnia|form:gr_wsparcia need:rodzina need:izolacja kind:ngo|spotkania dwa razy w miesiącu
sds-tarnow|Zajęcia dzienne|Środowiskowy Dom Samopomocy|Tarnów|form:wsparcie_dzienne need:zdrowie_psychiczne audience:zaburzenia_psychiczne audience:niepeln_intelektualna kind:sds|pracownia plastyczna i kulinarna
dps-sacz|Pobyt stały|Dom Pomocy Społecznej|Nowy Sącz|form:pobyt_calodobowy need:opieka_bliski kind:dps|dla osób przewlekle chorych
zlobek-wieliczka|Opieka nad maluchem|Klub dziecięcy Promyk|Wieliczka|form:wsparcie_dzienne need:opieka_dziecko kind:ngo|dzieci do lat trzech, gdy rodzic szuka pracy
swietlica-zabno|Świetlica po lekcjach|Parafia w Żabnie|Żabno|form:wsparcie_dzienne need:opieka_dziecko kind:parafia|pomoc w odrabianiu lekcji
cis-tarnow|Zatrudnienie socjalne|Centrum Integracji Społecznej|Tarnów|form:zatrudnienie_cis need:praca kind:cis|indywidualny program, świadczenie integracyjne
zaz-sacz|Praca dla osób z orzeczeniem|Zakład Aktywności Zawodowej|Nowy Sącz|form:inna need:praca need:niepelnosprawnosc audience:niepelnosprawne kind:zaz|pralnia i kuchnia
wtz-bochnia|Warsztaty w pracowniach|Warsztat Terapii Zajęciowej|Bochnia|form:inna need:niepelnosprawnosc audience:niepelnosprawne kind:wtz|rehabilitacja społeczna i zawodowa
wiezienie-krakow|Wsparcie po wyjściu na wolność|Fundacja Druga Szansa|Kraków|form:praca_socjalna need:po_wiezieniu audience:opuszczajace_zk kind:ngo|pomoc byłym skazanym i ich rodzinom
ua-krakow|Lekcje polskiego|Stowarzyszenie Most|Kraków|form:szkolenie need:jezyk_polski audience:cudzoziemcy kind:ngo|dla obywateli Ukrainy, poziom A1 i A2
pobyt-krakow|Porady pobytowe|Stowarzyszenie Most|Kraków|form:por_prawne need:pobyt audience:cudzoziemcy kind:ngo|karta pobytu, wnioski do wojewody
mediacja-tarnow|Mediacje rodzinne|Powiatowe Centrum Pomocy Rodzinie|Tarnów|form:mediacja need:rodzina kind:pcpr|rozwód, kontakty z dziećmi
wol-zakopane|Zostań wolontariuszem|Centrum Wolontariatu pod Giewontem|Zakopane|form:wolontariat need:wolontariat kind:ngo|szkolenie i ubezpieczenie
kis-limanowa|Klub dla szukających pracy|Klub Integracji Społecznej|Limanowa|form:gr_wsparcia need:praca need:izolacja audience:bezrobotne kind:kis|warsztaty, samopomoc
sala-wieliczka|Sala szkoleniowa z rzutnikiem|Ochotnicza Straż Pożarna|Wieliczka|form:uzyczenie_zasobu kind:ngo|trzydzieści miejsc siedzących
mieszk-tarnow|Mieszkanie treningowe|Fundacja Klucz|Tarnów|form:pobyt_calodobowy need:mieszkanie audience:bezdomne kind:ngo|umowa na rok, opiekun mieszkania
"""


def documents() -> list[Document]:
    """The rows as documents; labels of codes are words of their field, as in the product."""
    made = []
    for line in ROWS.strip().splitlines():
        name, title, institution, place, codes, text = line.split("|")
        labels = tuple((FIELDS[code.split(":")[0]], LABELS[code]) for code in codes.split())
        made.append(
            Document(
                name,
                (
                    (Field.TITLE, title),
                    (Field.INSTITUTION, institution),
                    (Field.TEXT, text),
                    (Field.ADDRESS, place),
                    *labels,
                ),
                (*codes.split(), f"municipality:{PLACES[place]}"),
                (PLACES[place],),
            )
        )
    return made


@cache
def network() -> tuple[Index, Synonyms, Gazetteer, frozenset[str]]:
    """Index, synonyms, place names and topic words of the network."""
    synonyms = read_synonyms(built_in())
    index = build(documents(), synonyms.vocabulary())
    gazetteer = make_gazetteer([(name, code, None, None) for name, code in PLACES.items()])
    return index, synonyms, gazetteer, topics(synonyms, LABELS.values())


def ask(text: str) -> Query:
    """What the network understands of a text."""
    return understand(text, *network())
