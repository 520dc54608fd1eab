"""Two totals of one thing as bodies and forms have them; no views here."""

from collections.abc import Mapping
from typing import Any

from gis_app.errors import Unprocessable
from gis_app.queries import reconciliations as q
from gis_app.web.context import commune, connection
from gis_app.web.guarded_words import refuse_persons
from gis_app.web.values import choice, count, needed, read_values, text

LONGEST_REASON = 500
MOST = 1_000_000
READERS = {
    "subject": needed(choice(*q.SUBJECTS)),
    "field_count": needed(count(0, MOST)),
    "reason": text(LONGEST_REASON),
}


def add_reconciliation(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Write down what was counted in the field; a difference from the software's own count needs a reason."""
    here, conn = commune(), connection()
    values = read_values(raw, READERS, code="bad_reconciliation")
    own = q.count_own(conn, here.id, values["subject"])
    if own != values["field_count"] and len(values["reason"] or "") < q.SHORTEST_REASON:
        faults = [{"field": "reason", "rule": "reason_of_difference"}]
        raise Unprocessable("bad_reconciliation", faults=faults, own_count=own)
    refuse_persons(values["reason"])
    return q.insert_reconciliation(conn, here.id, values["subject"], own, values)
