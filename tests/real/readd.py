"""Adds up each published file again and compares count and sum with what the service holds of that delivery.

Shares no code with the service: Python's standard library only, a workbook is a zip of XML. B, T and R come from
`leleka-real ... --check tests/real/readd.py`. For each delivery the rule below says, from the raw file alone, which
cells are figures; the service is asked for everything it ever recorded, by submission. Exit status 1 when a
delivery differs and no rule says why.
"""

import csv
import io
import os
import re
import sys
import urllib.request
import xml.etree.ElementTree as ElementTree
import zipfile
from decimal import Decimal, InvalidOperation

BASE, TOKEN, DELIVERED, FOLDER = os.environ["B"], os.environ["T"], os.environ["R"], sys.argv[1]
MISSING = object()


def text_rows(name, encoding="utf-8-sig", delimiter=",", skip=0):
    with open(f"{FOLDER}/{name}", encoding=encoding, newline="") as file:
        for _ in range(skip):
            file.readline()
        return list(csv.reader(file, delimiter=delimiter))


MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def sheet_rows(name, sheet):
    """Cells of a sheet as {line: {column: text}}; the stored value of a formula is its value."""
    with zipfile.ZipFile(f"{FOLDER}/{name}") as book:
        shared = []
        if "xl/sharedStrings.xml" in book.namelist():
            for item in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).findall(f"{MAIN}si"):
                shared.append("".join(piece.text or "" for piece in item.iter(f"{MAIN}t")))
        relations = ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))
        targets = {one.get("Id"): one.get("Target") for one in relations}
        sheets = ElementTree.fromstring(book.read("xl/workbook.xml")).find(f"{MAIN}sheets")
        found = [one for one in sheets if one.get("name").strip() == sheet]
        path = targets[found[0].get(RELATION)].lstrip("/")
        root = ElementTree.fromstring(book.read(path if path.startswith("xl/") else f"xl/{path}"))
    lines = {}
    for cell in root.iter(f"{MAIN}c"):
        value = cell.find(f"{MAIN}v")
        if value is None or value.text is None:
            continue
        letters, line = re.match(r"([A-Z]+)(\d+)", cell.get("r")).groups()
        column = 0
        for letter in letters:
            column = column * 26 + ord(letter) - 64
        text = shared[int(value.text)] if cell.get("t") == "s" else value.text
        lines.setdefault(int(line), {})[column - 1] = text
    return lines


def number(text, thousands="", decimal="."):
    """A number, or MISSING for a text that stands in place of one."""
    text = text.strip()
    for mark in thousands:
        text = text.replace(mark, "")
    text = text.replace(decimal, ".")
    if text in ("–", "-"):
        return Decimal(0)
    try:
        return Decimal(re.sub(r"^[–−]", "-", text))
    except InvalidOperation:
        return MISSING


def cells(rows, columns, **dialect):
    return [number(row[column], **dialect) for row in rows for column in columns]


def eurostat(name):
    header, *rows = text_rows(name, "iso-8859-1")
    return [number(row[header.index("Value")], ",") for row in rows]


def popstats(name):
    rows = [row for row in text_rows(name, skip=3) if row and row[0].isdigit()]
    # Macao stands under two names; the rows of one of them are taken.
    rows = [row for row in rows if "Macao SAR, China" not in row[1:3]]
    return [number(row[4]) for row in rows if row[4].strip()]


def daily(name):
    twice = ("2023-05-10", "2023-05-11", "2023-05-12")
    return cells([row for row in text_rows(name)[1:] if row[0] not in twice], [1])


def workbook(sheet, columns, first=1, row_is_data=lambda row: True):
    def read(name):
        lines = sheet_rows(name, sheet)
        return [
            number(row.get(column, ""))
            for line, row in lines.items()
            if line >= first and row_is_data(row)
            for column in columns
        ]

    return read


def with_name(row):
    """A region's row: a name and something in the next column."""
    return row.get(0, "").strip() and 1 in row


def pages(skip, columns):
    def read(name):
        rows = text_rows(name, delimiter="\t")[skip:]
        rows = [row + [""] * 7 for row in rows]
        return cells([row for row in rows if any(cell.strip() for cell in row[1:])], columns, decimal=",")

    return read


def sex_and_age(sheet):
    return workbook(sheet, [1, 2, 3], 6, lambda row: re.fullmatch(r"\d+", row.get(1, "")) is not None)


def raions(name):
    lines = sheet_rows(name, "48-81")
    return [number(row.get(1, "")) for row in lines.values() if row.get(0, "").strip().endswith(" район")]


def dms(indicators, leave=lambda row: False):
    def read(name):
        rows = [row for row in text_rows(name)[1:] if re.fullmatch(indicators, row[0])]
        return [number(row[4]) for row in rows if row[1] and row[5] != "percent" and not leave(row)]

    return read


def reserve(name):
    rows = text_rows(name, "cp1251", ";")
    return [number(row[4], decimal=",") for row in rows if re.match(r"вс+ього ", row[1].strip().lower())]


def table(columns, first=1):
    return lambda name: cells(text_rows(name)[first:], columns)


IRREGULAR = r"IRR_DETECTED|IRR_FINE_FOR|RTN_DEC|RTN_DEC_EXEC|RTN_ENTRYBAN|EXP_DEC|EXP_EXEC"
RULES = {
    "FRONTEX_IBC_MONTHLY": table([4]),
    "UNHCR_POPSTATS_ASYLUM_SEEKERS": popstats,
    "UNHCR_RPSD_POPULATION": table(range(7, 16)),
    "UNHCR_RPSD_DEMOGRAPHICS": table(range(11, 26)),
    "UNHCR_RPSD_APPLICATIONS": table([11]),
    "UNHCR_RPSD_DECISIONS": table(range(10, 15)),
    "UNHCR_HDX_APPLICATIONS": table([7]),
    "UNHCR_HDX_DECISIONS": table(range(7, 12)),
    "UNHCR_ODP_BELARUS": table([1]),
    "UNHCR_ODP_RUSSIA": table([1]),
    "UNHCR_ODP_MOLDOVA": table([1, 2, 3, 4]),
    "UNHCR_ODP_HUNGARY": workbook("Sheet1", [1, 2], 2),
    "UNHCR_ODP_SLOVAKIA": workbook("Sheet1", [1, 2], 2),
    "UNHCR_ODP_TOTAL_ISO": table([1, 2]),
    "UNHCR_ODP_TOTAL_LONGDATE": table([1, 2]),
    "UNHCR_ODP_DAILY": daily,
    "UNHCR_ODP_SNAPSHOT": table([3, 4, 5, 6]),
    "UNHCR_ODP_NON_EU": table([3]),
    "UNHCR_IDP_ESTIMATION_2022_03_08": workbook("Dataset", [28], 2),
    "IOM_IDP_MACRO_2022_03_16": workbook("Current location of IDPs", [2], 3),
    "IOM_IDP_MACRO_ORIGIN_2022_03_16": workbook("Macro-regions of origin for IDP", [2], 3),
    "IOM_DTM_BASELINE_ZAKARPATSKA": table([9], 2),
    "IOM_IDP_ESTIMATES": workbook("Estimated Population", [6, 7], 3),
    "IOM_RETURNEES": workbook("Returnees by Oblast", [6], 3),
    "SSSU_MIGRATION_2015_02_EN": pages(4, range(1, 7)),
    "SSSU_MIGRATION_2015_UK": pages(4, range(1, 7)),
    "SSSU_MIGRATION_FLOWS_2007_Q1": pages(4, range(1, 7)),
    "SSSU_POPULATION_2022": workbook("6", [1, 2, 3], 8, with_name),
    "SSSU_POPULATION_AVERAGE_2021": workbook("7", [1, 2, 3], 8, with_name),
    "SSSU_POPULATION_CHANGE_2021": workbook("8", [1, 2, 3], 9, with_name),
    "SSSU_NET_MIGRATION_2021": workbook("8", [4], 9, with_name),
    "SSSU_POPULATION_RAIONS_2022": raions,
    "SSSU_RESIDENT_2022": workbook("7", [1, 2, 3], 8, with_name),
    "SSSU_RESIDENT_AVERAGE_2021": workbook("8", [1, 2, 3], 8, with_name),
    "SSSU_RESIDENT_SEX_AGE_2022_UKRAINE": sex_and_age("27-35"),
    "DMS_PUBLISHED_IRREGULAR": dms(IRREGULAR),
    "DMS_PUBLISHED_APPLICATIONS": dms("ASY_APPL"),
    "DMS_PUBLISHED_DECISIONS": dms(r"ASY_DEC_.*|ASY_PRELIM_.*"),
    "DMS_PUBLISHED_STATUS_STOCKS": dms(r"ASY_STOCK_.*"),
    "DMS_PUBLISHED_RECEPTION_PLACES": dms("ASY_RECEPT_CAP"),
    "DMS_PUBLISHED_RECEPTION": dms("ASY_RECEPT_OCC"),
    "DMS_PUBLISHED_CUSTODY_PLACES": dms("DET_CAP"),
    "DMS_PUBLISHED_CUSTODY": dms("DET_PLACED"),
    "DMS_PUBLISHED_FINES": dms(r"IRR_FINE_HOST|IRR_FINE_SUM"),
    "DMS_PUBLISHED_CITIZENSHIP": dms("CIT_ACQ"),
    "DMS_PUBLISHED_PASSPORTS": dms("PAS_INTL"),
    "DMS_PUBLISHED_RESIDENCE": dms(r"RES_IMM_PERMIT|RES_PRP_ISSUED|RES_STAY_SHORT|RES_TRP_ISSUED"),
    "DMS_PUBLISHED_RESIDENCE_STOCK": dms("RES_PRP_STOCK"),
    "DMS_PUBLISHED_STATELESSNESS": dms(r"SLS_.*"),
    "SBGS_PUBLISHED_BORDER": dms(r"BRD_(ENTRY|EXIT|IBC_BCP_BTW|REFUSED)", lambda row: "potential" in row[6]),
    "SBGS_PUBLISHED_OVERSTAY": dms("BRD_STAY_EXIT"),
    "SSSU_PUBLISHED_NET_MIGRATION": dms("MIG_NET"),
}
BY_SHEET = {
    "SSSU_POPULATION_CHANGE_2021_BY_TYPE": lambda sheet: workbook(sheet, [1, 2, 3, 5], 12, with_name),
    "SSSU_NET_MIGRATION_2021_BY_TYPE": lambda sheet: workbook(sheet, [4], 12, with_name),
    "SSSU_RESIDENT_SEX_AGE_2022": sex_and_age,
}


def taken(line):
    profile = line["profile"]
    if profile.startswith("EUROSTAT_"):
        return eurostat(line["file"])
    if profile.startswith("DEMO_PZF_"):
        return reserve(line["file"])
    rule = BY_SHEET[profile](line["sheet"]) if profile in BY_SHEET else RULES[profile]
    return rule(line["file"])


def recorded():
    """Every version that was ever recorded."""
    address = f"{BASE}/v1/observations?format=csv&includeHistory=true&limit=50000"
    while address:
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {TOKEN}"})
        with urllib.request.urlopen(request) as answer:
            yield from csv.DictReader(io.StringIO(answer.read().decode()))
            link = re.match(r'<([^>]*)>; rel="next"', answer.headers.get("Link") or "")
        address = link and (link[1] if link[1].startswith("http") else BASE + link[1])


NO_PART = ("period", "value", "obs_status", "obs_flags", "conf_status", "unit", "submission_id", "row", "recorded_at")


def summary(values):
    figures = [value for value in values if value is not MISSING]
    return len(figures), sum(figures, Decimal(0)), len(values) - len(figures)


def main():
    with open(DELIVERED, encoding="utf-8") as file:
        lines = list(csv.DictReader(file, delimiter="\t"))
    store = Store(lines)
    same, explained, different = 0, 0, 0
    print(f"{'file':<62} {'profile':<36} {'figures':>8} {'sum':>14} {'empty':>6}   served: figures, sum, empty")
    for line in lines:
        from_file = summary(taken(line))
        served = summary(store.by_submission.get(line["submission"], []))
        verdict = "equal"
        if from_file != served:
            verdict = "DIFFERENT"
            together = store.together(line)
            if together is not None and summary(together) == from_file:
                verdict = f"equal with {line['unchanged']} cells that earlier files had brought"
        same += verdict == "equal"
        explained += verdict not in ("equal", "DIFFERENT")
        different += verdict == "DIFFERENT"
        name = f"{line['file']} {line['sheet']}".strip()
        print(f"{name:<62} {line['profile']:<36} {from_file[0]:>8} {from_file[1]:>14} {from_file[2]:>6}   "
              f"{served[0]:>8} {served[1]:>14} {served[2]:>6} {verdict}")
    print(f"{len(lines)} deliveries: {same} equal, {explained} equal with earlier cells, {different} different")
    return 1 if different else 0


COMPARATORS = ("GE", "MD", "AL", "RS", "MK", "BA", "ME", "CO", "VE", "PE")
# A cell that was the same before is not stored again. Where a delivery brought such cells: the earlier file or
# profile that may have brought them, and which cells of the store make up the delivery together with its own.
EARLIER = {
    "unhcr_rpsd_asylum_decisions_visafree_comparators.csv": (
        "unhcr_rpsd_asylum_decisions_ukr.csv",
        lambda key, own: key["citizenship"] in COMPARATORS and key["period"] >= "2015",
    ),
    "unhcr_rpsd_population_ukr.csv": (
        "unhcr_popstats_asylum-seekers_2014.csv",
        # A row has nine groups of persons; of a row whose asylum-seekers were there before, the others are its own.
        lambda key, own: pair(key) in own["rows"],
    ),
    "iom_returnees_r18.xlsx": (
        "iom_idp_estimates_r18.xlsx",
        lambda key, own: key["indicator"] == "RET_EST",
    ),
    "SSSU_RESIDENT_SEX_AGE_2022": ("SSSU_RESIDENT_2022", lambda key, own: place(key) in own["places"]),
    "SSSU_RESIDENT_SEX_AGE_2022_UKRAINE": ("SSSU_RESIDENT_2022", lambda key, own: place(key) in own["places"]),
    "UNHCR_ODP_SNAPSHOT": ("UNHCR_ODP_SNAPSHOT", lambda key, own: True),
}


def place(key):
    return key.get("territory"), key.get("settlement_type")


def pair(key):
    return key.get("citizenship"), key.get("reporting_state"), key["period"]


def moment(text):
    """Moments stand with three or six digits of a second; the three of the store are cut off, not rounded."""
    return text.rstrip("Z").ljust(26, "0")


class Store:
    """Everything that was ever recorded: cells of each submission, and versions of each key."""

    def __init__(self, lines):
        self.by_submission, self.versions, self.keys = {}, {}, {}
        self.lines = lines
        for row in recorded():
            value = Decimal(row["value"]) if row["value"] else MISSING
            self.by_submission.setdefault(row["submission_id"], []).append(value)
            parts = {name: text for name, text in row.items() if name not in NO_PART[1:] and text}
            key = tuple(parts.items())
            self.versions.setdefault(key, []).append((moment(row["recorded_at"]), value, row["submission_id"]))
            self.keys.setdefault(row["submission_id"], []).append(parts)

    def together(self, line):
        """The cells of a delivery with those that were there before, as known when it was recorded."""
        rule = EARLIER.get(line["file"]) or EARLIER.get(line["profile"])
        if rule is None or line["unchanged"] == "0":
            return None
        earlier, is_of_it = rule
        from_these = {other["submission"] for other in self.lines if earlier in (other["file"], other["profile"])}
        from_these = {one for one in from_these if one != line["submission"]} | {line["submission"]}
        own_keys = self.keys.get(line["submission"], [])
        own = {"places": {place(key) for key in own_keys}, "rows": {pair(key) for key in own_keys}}
        newest = {}
        for key, history in self.versions.items():
            known = [one for one in history if one[0] <= moment(line["recorded_at"])]
            if not known or max(known, key=lambda one: one[0])[2] not in from_these or not is_of_it(dict(key), own):
                continue
            # A snapshot shows the newest period of each series; elsewhere every period counts.
            series = key
            if line["profile"] == "UNHCR_ODP_SNAPSHOT":
                series = tuple(part for part in key if part[0] != "period")
            period = dict(key)["period"]
            if series not in newest or newest[series][0] < period:
                newest[series] = (period, max(known, key=lambda one: one[0])[1])
        return [value for _, value in newest.values()]


sys.exit(main())
