"""Areas of the kinds that a commune adds itself: crops, new quarters, floods … (`place_classes`)."""

from layers.base import OWN_FIELDS, Field, Layer, Style

layer = Layer(
    name="other_areas",
    title=("Khu vực khác", "Other areas"),
    geometry="MULTIPOLYGON",
    section="own",
    label="name",
    searchable=True,
    min_zoom=12,
    row_visibility="visibility",
    own_classes="kind",
    fields=(
        *OWN_FIELDS,
        # The database measures it.
        Field("area_m2", "float", ("Diện tích", "Area"), unit="m²", low=0, high=1e9, managed=True),
    ),
    style=Style(kind="fill", color="#3f4750", by="kind", width=2),
)
