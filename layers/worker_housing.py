"""Workers' housing and boarding areas (khu nhà ở công nhân)."""

from layers.base import Field, Layer, Style

layer = Layer(
    name="worker_housing",
    title=("Nhà ở công nhân", "Workers' housing"),
    geometry="POINT",
    section="places",
    label="name",
    searchable=True,
    min_zoom=13,
    fields=(
        Field("name", "text", ("Tên", "Name"), in_tile=True, max_length=120, aliases=("ten",)),
        Field("room_count", "int", ("Số phòng", "Rooms"), low=0, high=100_000, aliases=("so_phong",)),
        Field(
            "has_pledge", "bool", ("Đã ký cam kết", "Pledge signed"), required=True, default=False, aliases=("cam_ket",)
        ),
    ),
    style=Style(kind="point", color="#5f3dc4", icon="housing"),
)
