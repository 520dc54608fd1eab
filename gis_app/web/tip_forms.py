"""What the queue of tips and the page of one tip share; no views here."""

import datetime as dt
from collections.abc import Container

from flask import request

from gis_app.analysis.tip_clock import goes_on as day_gone
from gis_app.errors import NotFound, Unprocessable
from gis_app.jobs import tip_desk
from gis_app.queries import tip_queue as queue
from gis_app.tables.tips import KEPT_DAYS, OPEN_DAYS
from gis_app.web.context import commune, connection
from gis_app.web.params import Param, one_of
from gis_app.web.tip_answers import secret_key

DONE = ("moved", "answered", "handed", "shared", "made", "photo", "let_in", "thrown", "opened", "shut", "cell")
DONE_PARAM = Param("xong", one_of(*DONE), "What was just done")
MAX_ID = 2**63 - 1


def goes_on(row: queue.TipRow) -> dt.date:
    """The day on which a tip is deleted."""
    return day_gone(row.received_on, row.closed_on, KEPT_DAYS, KEPT_DAYS if row.is_held else OPEN_DAYS)


def opened(tip_id: int) -> tip_desk.OpenedTip:
    """The tip with its words, of this commune."""
    commune()
    if tip_id > MAX_ID:
        raise NotFound("tip_not_found")
    return tip_desk.open_tip(connection(), secret_key(), tip_id)


def choice(name: str, known: Container[str]) -> str:
    """A field of the form that is one of these."""
    value = request.form.get(name, "")
    if value not in known:
        raise Unprocessable("bad_parameter", name=name, rule="choice")
    return value
