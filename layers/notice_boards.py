"""Notice boards with the three hotline numbers: commune police, PC04 and C04."""

from layers.base import DEVICE_STATES, Field, Layer, Style

layer = Layer(
    name="notice_boards",
    title=("Bảng niêm yết đường dây nóng", "Notice boards"),
    geometry="POINT",
    section="information",
    checked_field="checked_on",
    half_life_days=180,
    label="place",
    searchable=True,
    min_zoom=13,
    fields=(
        Field("place", "text", ("Nơi đặt", "Place"), aliases=("noi_dat", "vi_tri"), max_length=120),
        Field(
            "state",
            "text",
            ("Tình trạng", "State"),
            DEVICE_STATES,
            required=True,
            default="working",
            in_tile=True,
            aliases=("tinh_trang",),
        ),
        Field(
            "has_commune_police",
            "bool",
            ("Số Công an xã, phường", "Commune police number"),
            required=True,
            default=False,
            aliases=("so_cax",),
        ),
        Field("has_pc04", "bool", ("Số PC04", "PC04 number"), required=True, default=False, aliases=("so_pc04",)),
        Field("has_c04", "bool", ("Số C04", "C04 number"), required=True, default=False, aliases=("so_c04",)),
        Field("checked_on", "date", ("Kiểm tra gần nhất", "Last check"), aliases=("ngay_kiem_tra",)),
    ),
    style=Style(kind="point", color="#5c940d", icon="board"),
)
