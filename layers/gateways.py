"""Gateways: where roads, piers and railways cross the boundary."""

from layers.base import Field, Layer, Style, choices

layer = Layer(
    name="gateways",
    title=("Cửa ngõ địa bàn", "Gateways"),
    geometry="POINT",
    section="security",
    label="name",
    searchable=True,
    min_zoom=12,
    shareable=True,
    fields=(
        Field("name", "text", ("Tên", "Name"), in_tile=True, max_length=120, aliases=("ten",)),
        Field(
            "kind",
            "text",
            ("Loại", "Kind"),
            choices(road=("Đường bộ", "Road"), landing=("Bến đò, bến tàu", "Landing"), rail=("Đường sắt", "Railway")),
            required=True,
            default="road",
            in_tile=True,
            aliases=("loai",),
        ),
    ),
    style=Style(kind="point", color="#364fc7", icon="gateway"),
)
