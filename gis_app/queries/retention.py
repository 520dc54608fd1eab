"""What is past its time, and when the jobs last ran. The database's own functions delete, and nothing else."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from gis_app.tables import heartbeats
from layers import LAYERS

_H = heartbeats.c


def delete_stale(conn: Connection) -> dict[str, int]:
    """Delete expired rows of layers, sessions, tokens, invitations, old request keys and stale tiles; return counts."""
    found: dict[str, int] = {}
    for layer in LAYERS.values():
        if layer.row_expiry:
            count = conn.execute(sa.text(f"SELECT delete_expired_{layer.name}()")).scalar_one()
            found[layer.name] = int(count)
            count = conn.execute(sa.text(f"SELECT redact_gone_{layer.name}()")).scalar_one()
            found[f"audit_of_{layer.name}"] = int(count)
    # Words about a hotspot go from the log as the hotspot does.
    found["audit_of_hotspot_steps"] = int(conn.execute(sa.text("SELECT redact_gone_hotspot_steps()")).scalar_one())
    for what, deleted in conn.execute(sa.text("SELECT what, deleted FROM delete_stale()")):
        found[str(what)] = int(deleted)
    return found


def update_heartbeat(conn: Connection, name: str) -> None:
    """Say that a job is alive."""
    statement = insert(heartbeats).values({"name": name, "at": sa.func.now()})
    conn.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"at": sa.func.now()}))


def claim_run(conn: Connection, name: str, every: timedelta) -> bool:
    """Whether a job is due; claims it until the transaction ends, so that of two workers one runs it."""
    statement = insert(heartbeats).values({"name": name, "at": sa.func.now()})
    statement = statement.on_conflict_do_update(
        index_elements=["name"], set_={"at": sa.func.now()}, where=_H.at < sa.func.now() - every
    )
    return conn.execute(statement.returning(_H.name)).one_or_none() is not None


def fetch_age(conn: Connection, name: str) -> timedelta | None:
    """How long ago a job last said that it is alive; None: never."""
    at = conn.execute(sa.select(_H.at).where(_H.name == name)).scalar_one_or_none()
    return None if at is None else datetime.now(UTC) - at
