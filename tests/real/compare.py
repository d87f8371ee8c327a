"""Reads series back from a running service and compares them with the published files, cell by cell.

Shares no code with the service: Python's standard library only. B and T come from `leleka-real ... --keep`.
"""

import csv
import io
import json
import os
import sys
import time
import urllib.parse
import urllib.request

BASE, TOKEN, FOLDER = os.environ["B"], os.environ["T"], sys.argv[1]


def get(path, **query):
    address = f"{BASE}{path}?{urllib.parse.urlencode(query, doseq=True)}"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode()


def series(**query):
    rows = csv.DictReader(io.StringIO(get("/v1/observations", format="csv", limit=50000, **query)))
    return {row["period"]: (row["value"], row["obs_status"]) for row in rows}


def compare(name, served, published):
    wrong = [key for key in sorted(set(served) | set(published)) if served.get(key) != published.get(key)]
    print(f"{name}: {len(published)} cells in the file, {len(served)} served, {len(wrong)} differ {wrong[:5]}")
    return not wrong


with open(f"{FOLDER}/eurostat_migr_asyappctzm_total_2008M01-2015M05.csv", encoding="utf-8") as file:
    germany = {
        row["TIME"].replace("M", "-"): ("", "O") if row["Value"] == ":" else (row["Value"].replace(",", ""), "A")
        for row in csv.DictReader(file)
        if row["GEO"].startswith("Germany")
    }
good = compare(
    "asylum applicants, Germany, monthly",
    series(indicator="EU_ASY_APPL", dimension="reporting_state=DE", frequency="M"),
    germany,
)

with open(f"{FOLDER}/frontex_ibc_monthly_2009-2025.csv", encoding="utf-8") as file:
    ukrainians = {
        row["month"]: (row["n"], "A")
        for row in csv.DictReader(file)
        if row["route"] == "Eastern Borders Route" and row["nat"] == "UKR"
    }
good &= compare(
    "detections of Ukrainians, Eastern Borders, monthly",
    series(indicator="EU_IBC", citizenship="UA", dimension="route=EASTERN_BORDERS"),
    ukrainians,
)

with open(f"{FOLDER}/eurostat_migr_eirfs_allcitizen_2012-2016.csv", encoding="iso-8859-1") as file:
    refused = {
        row["TIME"]: int(row["Value"].replace(",", ""))
        for row in csv.DictReader(file)
        if row["GEO"] == "European Union (28 countries)" and row["CITIZEN"] == "Ukraine" and row["Value"] != ":"
    }
# Metrics are computed after the figures were recorded: wait for them, but not for ever.
values, until = [], time.monotonic() + 90
while not values and time.monotonic() < until:
    time.sleep(1)
    answer = get("/v1/risk-metrics/RM_VSM_REFUSED/values", dimension=["citizenship=UA", "reporting_state=EU28"])
    values = json.loads(answer)["items"]
print(f"RM_VSM_REFUSED: {len(values)} values, after at most {time.monotonic() - until + 90:.0f} s")
for item in values:
    before, now = refused.get(str(int(item["period"]) - 1)), refused.get(item["period"])
    expected = now / before - 1 if before and now else None
    same = (item["value"] is None) == (expected is None) and (expected is None or abs(item["value"] - expected) < 1e-12)
    good &= same
    print(f"RM_VSM_REFUSED UA, EU28, {item['period']}: {item['value']} {item['level']}, from the file {expected}: {'equal' if same else 'DIFFERENT'}")

sys.exit(0 if good and values else 1)
