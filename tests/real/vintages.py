"""Asks for each snapshot of the portal what was known when it was recorded, and compares it cell by cell.

Shares no code with the service: Python's standard library only. B, T and R come from
`leleka-real ... --check tests/real/vintages.py`. A snapshot has a row for each country with its own reference date;
at the moment it was recorded, the newest period of each country and column must be that date, with that cell.
"""

import csv
import datetime
import io
import os
import sys
import urllib.parse
import urllib.request

BASE, TOKEN, DELIVERED, FOLDER = os.environ["B"], os.environ["T"], os.environ["R"], sys.argv[1]
PROFILE = "UNHCR_ODP_SNAPSHOT"
CODES = (
    "ALB AL ARM AM AUT AT AZE AZ BEL BE BGR BG BIH BA BLR BY CHE CH CYP CY CZE CZ DEU DE DNK DK ESP ES EST EE FIN FI "
    "FRA FR GBR GB GEO GE GRC GR HRV HR HUN HU IRL IE ISL IS ITA IT LIE LI LTU LT LUX LU LVA LV MDA MD MKD MK MLT MT "
    "MNE ME NLD NL NOR NO POL PL PRT PT ROU RO RUS RU SRB RS SVK SK SVN SI SWE SE TUR TR"
)
WORDS = CODES.split()
TO_TWO = dict(zip(WORDS[::2], WORDS[1::2]))
COLUMNS = {3: ("UNH_REF_UA", ""), 4: ("UNH_TP_UA", ""), 5: ("UNH_CROSS_UA", "OUT"), 6: ("UNH_CROSS_UA", "IN")}
NO_FIGURE = {"": "M", "Not applicable": "M", "Data not available": "O"}


def known_at(moment, indicator):
    """The newest period of each country and direction that was known at the moment: (period, value, status)."""
    query = {"indicator": indicator, "frequency": "D", "asOf": moment, "format": "csv", "limit": 50000}
    address = f"{BASE}/v1/observations?{urllib.parse.urlencode(query)}"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {TOKEN}"})
    newest = {}
    with urllib.request.urlopen(request) as answer:
        assert not answer.headers.get("Link"), "one page was expected"
        for row in csv.DictReader(io.StringIO(answer.read().decode())):
            key = (row["reporting_state"], row.get("movement") or "")
            cell = (row["period"], row["value"], row["obs_status"])
            newest[key] = max(newest.get(key, cell), cell)
    return newest


def main():
    with open(DELIVERED, encoding="utf-8") as file:
        lines = [line for line in csv.DictReader(file, delimiter="\t") if line["profile"] == PROFILE]
    equal, different, countries_before = 0, 0, set()
    for line in lines:
        moment = line["recorded_at"]
        known = {indicator: known_at(moment, indicator) for indicator, _ in COLUMNS.values()}
        with open(f"{FOLDER}/{line['file']}", encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))[1:]
        good, bad = 0, []
        for row in rows:
            day = datetime.datetime.strptime(row[2].strip(), "%d %B %Y").date().isoformat()
            for column, (indicator, movement) in COLUMNS.items():
                text = row[column].strip()
                expected = (day, "", NO_FIGURE[text]) if text in NO_FIGURE else (day, text.replace(",", ""), "A")
                found = known[indicator].get((TO_TWO[row[0]], movement))
                good += found == expected
                if found != expected:
                    bad.append((row[0], indicator, movement, expected, found))
        gone = countries_before - {row[0] for row in rows}
        countries_before = {row[0] for row in rows}
        equal, different = equal + good, different + len(bad)
        print(f"{line['file']:<55} as of {moment}: {len(rows)} countries, {good} cells equal, {len(bad)} different, "
              f"{len(gone)} countries dropped {bad[:3]}")
    print(f"{len(lines)} snapshots: {equal} cells equal, {different} different")
    return 0 if lines and not different else 1


sys.exit(main())
