"""Tip boxes (hòm thư tố giác); the target is one in every village."""

from layers.base import DEVICE_STATES, Field, Layer, Style

layer = Layer(
    name="tip_boxes",
    title=("Hòm thư tố giác", "Tip boxes"),
    geometry="POINT",
    section="information",
    checked_field="checked_on",
    half_life_days=90,
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
        Field("installed_on", "date", ("Ngày lắp", "Installed on"), aliases=("ngay_lap",)),
        Field("checked_on", "date", ("Mở gần nhất", "Last opened"), aliases=("ngay_mo",)),
    ),
    style=Style(kind="point", color="#2b8a3e", icon="box"),
)
