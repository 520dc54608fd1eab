"""Groups and their history as they were, after tests that move borders, split and merge."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.tables.statuses import group_statuses
from layers import LAYERS, table_of
from tests.builders import MAU

GROUPS = table_of(LAYERS["groups"])
SINCE = "2026-01-01"


@contextmanager
def kept_groups(owner_engine: Engine) -> Iterator[None]:
    """While it lasts the groups of Xã Mẫu have a history since 1 January 2026; then all is as before."""
    mine = group_statuses.c.commune_id == MAU.id
    with begin(owner_engine, Actor("system")) as conn:
        groups = conn.execute(sa.select(GROUPS.c.id, GROUPS.c.geom).where(GROUPS.c.commune_id == MAU.id)).all()
        columns = [c for c in group_statuses.c if c.computed is None]
        statuses = [dict(row) for row in conn.execute(sa.select(*columns).where(mine)).mappings()]
        earlier = (
            "UPDATE group_statuses SET valid = daterange(:d, upper(valid)) WHERE commune_id = :c AND upper_inf(known)"
        )
        conn.execute(sa.text(earlier), {"c": MAU.id, "d": SINCE})
    yield
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM group_lineages"))
        conn.execute(sa.text("DELETE FROM groups WHERE external_id IS NULL"))
        for key, geom in groups:
            values = {"geom": geom, "valid_to": None, "valid_from": None}
            conn.execute(sa.update(GROUPS).where(GROUPS.c.id == key).values(values))
        conn.execute(sa.delete(group_statuses).where(mine))
        conn.execute(sa.insert(group_statuses).values(statuses))
        conn.execute(sa.text("DELETE FROM audit_entries WHERE table_name = 'groups'"))
