"""Streets and alleys; pieces end at junctions, so `source_node` and `target_node` make a routing graph."""

from layers.base import Field, Layer, Style, choices

layer = Layer(
    name="roads",
    title=("Đường, ngõ", "Streets"),
    geometry="LINESTRING",
    section="base",
    label="name",
    searchable=True,
    bundle="base",
    min_zoom=10,
    shareable=True,
    class_min_zoom={"secondary": 12, "tertiary": 13, "residential": 14, "track": 14, "alley": 15, "path": 15},
    fields=(
        Field("name", "text", ("Tên đường", "Name"), in_tile=True, max_length=120, aliases=("ten", "ten_duong")),
        Field(
            "class",
            "text",
            ("Cấp đường", "Class"),
            choices(
                motorway=("Cao tốc", "Motorway"),
                trunk=("Quốc lộ", "National road"),
                primary=("Đường chính", "Primary"),
                secondary=("Đường liên khu", "Secondary"),
                tertiary=("Đường khu vực", "Tertiary"),
                residential=("Đường phố", "Residential"),
                alley=("Ngõ, hẻm", "Alley"),
                track=("Đường đồng", "Track"),
                path=("Lối đi bộ", "Path"),
            ),
            required=True,
            default="residential",
            in_tile=True,
            aliases=("loai", "cap_duong", "highway"),
        ),
        Field(
            "oneway",
            "text",
            ("Một chiều", "One-way"),
            choices(
                no=("Hai chiều", "No"), forward=("Theo chiều vẽ", "Forward"), backward=("Ngược chiều vẽ", "Backward")
            ),
            required=True,
            default="no",
            in_tile=True,
            aliases=("mot_chieu",),
        ),
        Field("is_lit", "bool", ("Có chiếu sáng", "Lit"), aliases=("lit", "chieu_sang")),
        Field("is_walkable", "bool", ("Đi bộ được", "Walkable"), required=True, default=True, aliases=("foot",)),
        Field("source_node", "bigint", ("Nút đầu", "Start node")),
        Field("target_node", "bigint", ("Nút cuối", "End node")),
    ),
    style=Style(kind="base", color="#ffffff", by="class"),
)
