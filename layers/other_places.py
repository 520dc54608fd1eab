"""Points of the kinds that a commune adds itself: check-points, pumping stations, models … (`place_classes`)."""

from layers.base import OWN_FIELDS, Layer, Style

layer = Layer(
    name="other_places",
    title=("Địa điểm khác", "Other places"),
    geometry="POINT",
    section="own",
    label="name",
    searchable=True,
    min_zoom=12,
    row_visibility="visibility",
    own_classes="kind",
    fields=OWN_FIELDS,
    style=Style(kind="point", color="#3f4750", icon="point", by="kind"),
)
