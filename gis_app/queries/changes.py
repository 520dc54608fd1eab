"""Which communes changed, for work that follows changes. Row-level security applies: ask as the national actor."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.tables import layer_versions


def fetch_commune_versions(conn: Connection, layers: Sequence[str]) -> Mapping[int, int]:
    """The version of some layers together, by commune; it grows with every committed change."""
    c = layer_versions.c
    total = sa.cast(sa.func.sum(c.version), sa.BigInteger)
    rows = conn.execute(sa.select(c.commune_id, total).where(c.layer.in_(layers)).group_by(c.commune_id))
    return {commune_id: int(version) for commune_id, version in rows}
