"""Key routes (tuyến trọng điểm, Decision 28/2025 Article 3): lines that ignore boundaries."""

from layers.base import Field, Layer, Style, choices

layer = Layer(
    name="key_routes",
    title=("Tuyến trọng điểm", "Key routes"),
    geometry="MULTILINESTRING",
    section="security",
    label="name",
    searchable=True,
    min_zoom=11,
    shareable=True,
    fields=(
        Field("name", "text", ("Tên tuyến", "Name"), required=True, in_tile=True, max_length=120, aliases=("ten",)),
        Field(
            "kind",
            "text",
            ("Loại", "Kind"),
            choices(road=("Đường bộ", "Road"), water=("Đường thủy", "Waterway"), rail=("Đường sắt", "Railway")),
            required=True,
            default="road",
            in_tile=True,
            aliases=("loai",),
        ),
        Field("document", "text", ("Văn bản", "Document"), max_length=120, aliases=("van_ban",)),
    ),
    style=Style(kind="line", color="#e8590c", width=4, dash="10 6", visible=True),
)
