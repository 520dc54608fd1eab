"""The kinds of place that a commune adds itself; the rows are in the layers `other_places` and `other_areas`."""

import sqlalchemy as sa

from gis_app.tables.units import named_text
from layers import metadata

# White letters read on all of them (4.5:1 and more), and they stay apart from each other.
COLORS = {
    "#1f4e9c": "blue",
    "#0b6e6e": "teal",
    "#2b6a2b": "green",
    "#7a5200": "brown",
    "#b3400a": "orange",
    "#a61e4d": "red",
    "#7b2fa0": "purple",
    "#3f4750": "grey",
}
SHAPES = ("point", "area")
VISIBILITIES = ("staff", "police")
# What links of the map and lists of filters use to part names.
NAME_RULE = "name !~ '[,.;:&|<>\"]'"

place_classes = sa.Table(
    "place_classes",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("letters", sa.Text, nullable=False),
    sa.Column("color", sa.Text, nullable=False),
    sa.Column("shape", sa.Text, nullable=False),
    sa.Column("visibility", sa.Text, nullable=False, server_default=sa.text("'staff'")),
    # A class in use is retired, never deleted: the keys of the layers hold it.
    sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.UniqueConstraint("commune_id", "name", name="place_classes_name"),
    sa.UniqueConstraint("commune_id", "letters", name="place_classes_letters"),
    sa.UniqueConstraint("commune_id", "name", "visibility", name="place_classes_name_visibility"),
    named_text("place_classes", "name", 60),
    sa.CheckConstraint(NAME_RULE, name="place_classes_name_signs"),
    sa.CheckConstraint("letters ~ '^[A-ZĐ0-9]{1,2}$'", name="place_classes_letters_text"),
    sa.CheckConstraint(f"color IN {tuple(COLORS)}", name="place_classes_color_choice"),
    sa.CheckConstraint(f"shape IN {SHAPES}", name="place_classes_shape_choice"),
    sa.CheckConstraint(f"visibility IN {VISIBILITIES}", name="place_classes_visibility_choice"),
)
