"""Alembic's entry: runs on the connection that the command line hands over."""

import geoalchemy2.alembic_helpers as geo
from alembic import context
from alembic.operations import ops

from gis_app.tables import accounts
from layers import LAYERS
from migrations.helpers import ProtectOp, rules_of


def _include_name(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or name in accounts.metadata.tables


def _protect_new_layers(_context: object, _revision: object, directives: list[ops.MigrationScript]) -> None:
    """After each new table of a layer, call protect() with what the layer file says."""
    upgrade = directives[0].upgrade_ops
    if upgrade is None:
        return
    made = [o.table_name for o in upgrade.ops if isinstance(o, ops.CreateTableOp)]
    upgrade.ops.extend(ProtectOp(name, **rules_of(LAYERS[name])) for name in made if name in LAYERS)


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=accounts.metadata,
    include_name=_include_name,
    render_item=geo.render_item,
    process_revision_directives=_protect_new_layers,
    compare_server_default=False,
)
with context.begin_transaction():
    context.run_migrations()
