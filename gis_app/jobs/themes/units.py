"""Which unit is in charge of each group today."""

from sqlalchemy.engine import Connection

from gis_app.jobs.themes.base import Theme, ThemeClass, ThemeData
from gis_app.queries.units import fetch_charges, fetch_units

# Wong's colours (Nature Methods 8, 441), told apart in all dichromacies; past them the pattern changes.
COLORS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442")
PATTERNS = ("solid", "diagonal", "dots", "grid", "lines", "cross")
NOBODY = ThemeClass("none", ("Chưa phân công", "Nobody"), "#fbf6f3", "sparse")


def _load(conn: Connection) -> ThemeData:
    charges = fetch_charges(conn)
    busy = {charge.unit_id for charge in charges}
    # By id, so that a renamed unit keeps its colour.
    ranks = {unit_id: rank for rank, unit_id in enumerate(sorted(unit.id for unit in fetch_units(conn)))}
    classes = [
        ThemeClass(
            f"unit_{unit.id}",
            (unit.name, unit.name),
            COLORS[ranks[unit.id] % len(COLORS)],
            PATTERNS[(ranks[unit.id] + ranks[unit.id] // len(COLORS)) % len(PATTERNS)],
        )
        for unit in fetch_units(conn)
        if unit.id in busy
    ]
    values = {charge.group_id: f"unit_{charge.unit_id}" if charge.unit_id else NOBODY.code for charge in charges}
    return ThemeData([*classes, NOBODY], values)


theme = Theme(title=("Đơn vị phụ trách", "Unit in charge"), load=_load)
