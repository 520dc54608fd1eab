"""Water as areas: sea, river banks, lakes, ponds."""

from layers.base import Field, Layer, Style, choices

layer = Layer(
    name="water_areas",
    title=("Mặt nước", "Water"),
    geometry="MULTIPOLYGON",
    section="base",
    label="name",
    searchable=True,
    bundle="base",
    min_zoom=8,
    fields=(
        Field("name", "text", ("Tên", "Name"), in_tile=True, max_length=120, aliases=("ten",)),
        Field(
            "class",
            "text",
            ("Loại", "Class"),
            choices(sea=("Biển", "Sea"), river=("Sông", "River"), lake=("Hồ", "Lake"), pond=("Ao, đầm", "Pond")),
            required=True,
            default="lake",
            in_tile=True,
            aliases=("loai", "water"),
        ),
    ),
    style=Style(kind="base", color="#c4dbea"),
)
