"""Reports as bodies, forms and answers have them; no views here."""

import datetime as dt
import unicodedata
from collections.abc import Mapping
from typing import Any

from gis_app.analysis.report_periods import FREE_KINDS, KINDS, Period, last_full, period_at
from gis_app.errors import NotFound, Unprocessable
from gis_app.jobs.kinds import ask
from gis_app.queries.jobs import fetch_jobs
from gis_app.queries.reports import Snapshot, fetch_snapshots
from gis_app.queries.statuses import fetch_known_moment, fetch_today
from gis_app.text import has_personal_number
from gis_app.web.context import commune, connection
from gis_app.web.params import Malformed

KIND = "report"
MAX_ID = 2**63 - 1
MAX_CONCLUSIONS = 8000
MAX_DAYS = 366 * 5
FIELDS = ("kind", "from_on", "to_on", "conclusions", "as_known_in")


def find_report(report_id: int) -> Snapshot:
    """The report if the actor may read it; 404 alike for another's and for none."""
    here = commune()
    found = fetch_snapshots(connection(), here.id, report_id) if report_id <= MAX_ID else []
    if not found:
        raise NotFound("report_not_found")
    return found[0]


def ask_report(raw: Mapping[str, Any]) -> int:
    """Check what a body or form asks for and ask for the job; the job's id. Every fault is named at once."""
    here, conn = commune(), connection()
    faults = [{"field": str(name)[:60], "rule": "unknown_field"} for name in raw if name not in FIELDS]
    conclusions, known_at, period = "", None, None
    try:
        conclusions = _conclusions(raw.get("conclusions"))
    except Malformed as error:
        faults.append({"field": "conclusions", "rule": str(error)})
    if raw.get("as_known_in") not in (None, ""):
        earlier = _earlier(raw["as_known_in"])
        period, known_at = Period(earlier.kind, earlier.from_on, earlier.to_on), earlier.known_at
        conclusions = conclusions or earlier.conclusions
    else:
        period = _period(raw, fetch_today(conn), faults)
    if faults or period is None:
        raise Unprocessable("bad_report", faults=faults)
    wanted = {"kind": period.kind, "from_on": period.from_on.isoformat(), "to_on": period.to_on.isoformat(),
              "conclusions": conclusions}  # fmt: skip
    for job in fetch_jobs(conn, here.id, kind=KIND, is_open=True):
        # Pressed twice: the same report, a moment later.
        if known_at is None and {name: job.parameters.get(name) for name in wanted} == wanted:
            return job.id
    moment = known_at or fetch_known_moment(conn, here.id)
    return ask(conn, KIND, wanted | {"known_at": moment.isoformat()})


def _earlier(value: Any) -> Snapshot:
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotFound("report_not_found")
    return find_report(int(text))


def _conclusions(value: Any) -> str:
    if value in (None, ""):
        return ""
    if not isinstance(value, str) or len(value) > MAX_CONCLUSIONS:
        raise Malformed("text")
    lines = [" ".join(line.split()) for line in unicodedata.normalize("NFC", value).splitlines()]
    text = "\n".join(line for line in lines if line)
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in text.replace("\n", "")):
        raise Malformed("text")
    if has_personal_number(text):
        raise Malformed("personal_number")
    return text


def _period(raw: Mapping[str, Any], today: dt.date, faults: list[dict[str, str]]) -> Period | None:
    kind, days = raw.get("kind"), {}
    if kind not in KINDS:
        faults.append({"field": "kind", "rule": "choice"})
        return None
    for name in ("from_on", "to_on"):
        try:
            days[name] = _day(raw.get(name))
        except Malformed as error:
            faults.append({"field": name, "rule": str(error)})
    if faults:
        return None
    fault = _fault_of(kind, days, today)
    if fault is not None:
        faults.append(fault)
        return None
    if kind in FREE_KINDS:
        return Period(kind, days["from_on"], days["to_on"])
    return last_full(kind, today) if days["from_on"] is None else period_at(kind, days["from_on"])


def _fault_of(kind: str, days: Mapping[str, Any], today: dt.date) -> dict[str, str] | None:
    """The first rule that the days break."""
    first, last = days["from_on"], days["to_on"]
    if kind in FREE_KINDS:
        for name in ("from_on", "to_on"):
            if days[name] is None:
                return {"field": name, "rule": "required"}
        if not first <= last <= first + dt.timedelta(days=MAX_DAYS):
            return {"field": "to_on", "rule": "range"}
    elif first is not None:
        whole = period_at(kind, first)
        if first != whole.from_on or last not in (None, whole.to_on):
            return {"field": "from_on", "rule": "not_a_period"}
    if first is not None and (first > today or first.year < 2000):
        return {"field": "from_on", "rule": "range"}
    return None


def _day(value: Any) -> dt.date | None:
    if value in (None, ""):
        return None
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise Malformed("date") from error


def report_dict(snapshot: Snapshot) -> dict[str, Any]:
    """A report as JSON, without its content."""
    period = Period(snapshot.kind, snapshot.from_on, snapshot.to_on)
    days = {name: getattr(snapshot, name).isoformat() for name in ("from_on", "to_on", "valid_on", "made_on")}
    moments = {name: getattr(snapshot, name).isoformat() for name in ("known_at", "made_at")}
    plain = ("id", "kind", "number", "made_by", "conclusions", "sha256")
    return {name: getattr(snapshot, name) for name in plain} | {"name": period.name} | days | moments


def file_name(snapshot: Snapshot, code: str, fmt: str) -> str:
    """What a download is called: code of the commune, kind, last day, number."""
    return f"bao-cao-{code}-{snapshot.kind.replace('_', '-')}-{snapshot.to_on:%Y%m%d}-{snapshot.number:02d}.{fmt}"
