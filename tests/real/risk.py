"""Asks a running service for risk metrics of known figures, and compares each with what is known about it.

Shares no code with the service: Python's standard library only. B and T come from
`leleka-real ... --check tests/real/risk.py`. Three parts: worked values; shocks that everybody remembers, each flagged
in the month it began; one level followed by further requests down to the line of the published file. What the
published files cannot give is said aloud. Exit status 1 when anything differs.
"""

import csv
import io
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

BASE, TOKEN, FOLDER = os.environ["B"], os.environ["T"], sys.argv[1]
FAILED = []


def get(path, **query):
    address = f"{BASE}{path}" + (f"?{urllib.parse.urlencode(query, doseq=True)}" if query else "")
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {TOKEN}"})
    while True:
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as fault:
            if fault.code != 429:
                raise
            time.sleep(int(fault.headers.get("Retry-After", "1")))


def values(code, **dimensions):
    """Every current value of a key, by period."""
    wanted = [f"{name}={value}" for name, value in dimensions.items()]
    items, path = [], f"/v1/risk-metrics/{code}/values"
    page = json.loads(get(path, dimension=wanted, limit=1000))
    while True:
        items += page["items"]
        if "next" not in page:
            return {item["period"]: item for item in items}
        page = json.loads(get(page["next"]))


def settled(code, *periods, **dimensions):
    """The same, when the metric has been computed for these periods: the newest ones come first, old ones after them."""
    until = time.monotonic() + 600
    while True:
        found = values(code, **dimensions)
        if all(period in found for period in periods) or time.monotonic() > until:
            return found
        time.sleep(2)


def row(what, period, known, found, digits=4):
    """One line of the table."""
    if found is None or known is None:
        same = found is known
    else:
        same = abs(round(found, digits) - known) < 10**-digits * 0.51
    shown = "none" if found is None else f"{found:.6g}"
    print(f"  {what:<58} {period:<8} {known!s:>9} {shown:>10}  {'equal' if same else 'DIFFERENT'}")
    if not same:
        FAILED.append(f"{what} {period}")


def absent(what, why):
    print(f"  {what:<58} not in the published files: {why}")


def number(found, period):
    return found[period]["value"] if period in found else None


def worked_values():
    print("Worked values: known, served")
    print("  R01, growth of two months on the same two a year before: Ukrainians, Eastern Borders route (RM_VSM_IBC)")
    found = settled("RM_VSM_IBC", "2015-01", "2019-06", "2024-02", "2025-04", citizenship="UA", route="EASTERN_BORDERS")
    known = {"2024-02": -0.022, "2024-03": 0.72, "2024-05": 4.804, "2024-06": 5.29, "2024-12": 2.275, "2025-01": 1.009,
             "2025-02": 0.164, "2025-04": -0.34}
    for period, value in known.items():
        row("R01", period, value, number(found, period), 3)
    months = [f"{year}-{month:02}" for year in range(2015, 2026) for month in range(1, 13)]
    months = [month for month in months if month <= "2025-04"]
    for bound in (0.3, 0.5):
        alerts = [month for month in months if (number(found, month) or 0) >= bound]
        expected = ["2023-02"] + [month for month in months if "2024-03" <= month <= "2025-01"]
        same = alerts == expected
        print(f"  R01 months at or above {bound}: {' '.join(alerts)}: {'equal' if same else 'DIFFERENT'}")
        if not same:
            FAILED.append(f"R01 alert months at {bound}")
    for period in ("2022-12", "2023-01"):
        row("R01 on a base below 50 gives no conclusion", period, None, number(found, period))
    print("  Refusals and illegal stay of Ukrainians in the EU (RM_VSM_REFUSED, RM_VSM_ILLSTAY)")
    refused = settled("RM_VSM_REFUSED", "2015", "2016", citizenship="UA", reporting_state="EU28")
    row("refused 16,160 to 24,490", "2015", 0.5155, number(refused, "2015"))
    row("refused 24,490 to 22,925", "2016", -0.0639, number(refused, "2016"))
    illegal = settled("RM_VSM_ILLSTAY", "2015", citizenship="UA", reporting_state="EU28")
    row("found illegally present 16,840 to 23,920", "2015", 0.4204, number(illegal, "2015"))
    print("  R02, recognition in EU27, Norway and Switzerland from decisions by UNHCR (RM_UNH_RECOGNITION)")
    found = settled("RM_UNH_RECOGNITION", "2018", "2025", citizenship="UA")
    known = {"2018": 0.1528, "2019": 0.0873, "2020": 0.1065, "2021": 0.1454, "2022": 0.8817, "2023": 0.9176,
             "2024": 0.8630, "2025": 0.6951}
    for period, value in known.items():
        row("R02 Ukraine", period, value, number(found, period))
    others = {"GE": 0.0459, "MD": 0.0135, "MK": 0.0090, "RS": 0.0651, "AL": 0.0861, "CO": 0.0811, "VE": 0.9252}
    for citizenship, value in others.items():
        row(f"R02 {citizenship}", "2023", value, number(settled("RM_UNH_RECOGNITION", "2023", citizenship=citizenship), "2023"))
    print("  R11, protection in Ukraine from decisions by UNHCR (RM_UNH_PROTECTION)")
    found = settled("RM_UNH_PROTECTION", "2021", "2025", reporting_state="UA")
    for period, value in {"2021": 0.3586, "2023": 0.2700, "2024": 0.2258, "2025": 0.0299}.items():
        row("R11", period, value, number(found, period))
    print("  R22, concentration on the Eastern Borders route (RM_EU_IBC_CONC)")
    found = settled("RM_EU_IBC_CONC", "2021-12", "2024-12", route="EASTERN_BORDERS")
    row("R22", "2021-12", 0.3683, number(found, "2021-12"))
    row("R22", "2024-12", 0.7077, number(found, "2024-12"))
    absent("R09 mirror (returned / ordered to leave)", "only orders are there, no file of returns")
    absent("R11 of AIDA, R12, R14", "transcribed from pages, no file")
    absent("R20", "one total of IDPs for each round, no weekly register")


SHOCKS = [
    # name, metric, key, first month in which it must be flagged at the earliest and at the latest, months to show
    ("Summer 2015, Eastern Mediterranean", "RM_EU_IBC_ROUTE", {"route": "EASTERN_MED"}, "2015-03", "2015-05", ("2014-11", "2015-10")),
    ("Kosovo and beyond, Hungary, winter 2014-15", "RM_EU_ASY_MONTH", {"citizenship": "_T", "reporting_state": "HU"}, "2014-09", "2014-11", ("2014-06", "2015-05")),
    ("Full-scale invasion, Ukrainians at the Eastern Borders", "RM_EU_IBC_MONTH", {"citizenship": "UA", "route": "EASTERN_BORDERS"}, "2022-02", "2022-03", ("2021-10", "2022-06")),
    ("Belarus, Eastern Borders", "RM_EU_IBC_ROUTE", {"route": "EASTERN_BORDERS"}, "2021-06", "2021-07", ("2021-02", "2021-12")),
    ("Iraqis by Belarus", "RM_EU_IBC_MONTH", {"citizenship": "IQ", "route": "EASTERN_BORDERS"}, "2021-06", "2021-07", ("2021-02", "2021-12")),
    ("Canary Islands, autumn 2020", "RM_EU_IBC_ROUTE", {"route": "WESTERN_AFRICAN"}, "2020-09", "2020-10", ("2020-06", "2020-12")),
    ("Canary Islands, autumn 2023", "RM_EU_IBC_ROUTE", {"route": "WESTERN_AFRICAN"}, "2023-10", "2023-10", ("2023-06", "2023-12")),
]
FLAGGED = ("elevated", "high", "critical")


def shocks():
    print("\nShocks: level over time; first month of the time shown that is at least elevated, and stays or rises the month after")
    for name, code, key, earliest, latest, (begin, end) in SHOCKS:
        found = settled(code, begin, end, **key)
        print(f"  {name}: {code} {key}")
        shown = [found[period] for period in sorted(found) if begin <= period <= end]
        for item in shown:
            told = [f"{item[name]:.4g}" if item.get(name) is not None else "-" for name in ("value", "baseline", "p", "score")]
            print("    {} value {:>8} baseline {:>8} p {:>10} score {:>6} {}".format(item["period"], *told, item["level"]))
        flagged = [item["level"] in FLAGGED for item in shown]
        begun = [item["period"] for item, now, then in zip(shown, flagged, flagged[1:]) if now and then]
        first = begun[0] if begun else next((item["period"] for item, now in zip(shown, flagged) if now), "never")
        good = earliest <= first <= latest
        print(f"    first flagged {first}, known to have begun {earliest} to {latest}: {'as known' if good else 'DIFFERENT'}")
        if not good:
            FAILED.append(name)
    absent("daily arrivals from Ukraine, 24 February 2022", "the series begins with the event: no past to compare with")


def asked(address):
    """Prints a request as a command and runs it."""
    print(f"    curl -s -H \"Authorization: Bearer $T\" '$B{address}'")
    command = ["curl", "-s", "-f", "-H", f"Authorization: Bearer {TOKEN}", f"{BASE}{address}"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def followed():
    print("\nOne level, followed to the line of the file: Iraqis on the Eastern Borders route, July 2021")
    key = "dimension=citizenship%3DIQ&dimension=route%3DEASTERN_BORDERS"
    page = json.loads(asked(f"/v1/risk-metrics/RM_EU_IBC_MONTH/values?{key}&from=2021-07&to=2021-07"))
    item = page["items"][0]
    print(f"      {item['period']}: value {item['value']}, level {item['level']}")
    explained = json.loads(asked(item["explanation_href"]))
    used = [one for one in explained["observations"] if one["period"] == "2021-07"]
    total, lines = 0, None
    for one in used:
        dimensions = one["series"].get("dimensions", {})
        print(f"      observation {one['period']} {dimensions}: {one['value']}, submission {one['submission_id']}, row {one['row']}")
        if lines is None:
            submission = json.loads(asked(f"/v1/submissions/{one['submission_id']}"))
            content = asked(one["content_href"])
            with open(f"{FOLDER}/frontex_ibc_monthly_2009-2025.csv", "rb") as file:
                same = content == file.read()
            print(f"      {submission['id']}: {len(content)} bytes, {'the same as' if same else 'DIFFERENT from'} the published file")
            if not same:
                FAILED.append("content of the submission")
            lines = content.decode("utf-8-sig").splitlines()
        line = lines[one["row"]]
        cells = next(csv.reader(io.StringIO(line)))
        total += int(cells[4])
        same = cells[0] == "2021-07" and cells[3] == "IRQ" and float(cells[4]) == float(one["value"])
        print(f"      line {one['row'] + 1} of the file: {line}: {'equal' if same else 'DIFFERENT'}")
        if not same:
            FAILED.append(f"line {one['row'] + 1}")
    same = bool(used) and total == item["value"]
    print(f"      the lines add up to {total}, the value is {item['value']}: {'equal' if same else 'DIFFERENT'}")
    if not same:
        FAILED.append("lines of the value")


worked_values()
shocks()
followed()
print(f"\n{len(FAILED)} differ{': ' + '; '.join(FAILED) if FAILED else ''}")
sys.exit(1 if FAILED else 0)
