"""Street lights."""

from layers.base import ASSET_FIELDS, DEVICE_STATES, Field, Layer, Style, choices

layer = Layer(
    name="lights",
    title=("Đèn chiếu sáng", "Street lights"),
    geometry="POINT",
    section="devices",
    checked_field="verified_on",
    half_life_days=180,
    label="external_id",
    searchable=True,
    min_zoom=14,
    shareable=True,
    fields=(
        Field(
            "state",
            "text",
            ("Tình trạng", "State"),
            DEVICE_STATES,
            required=True,
            default="working",
            in_tile=True,
            aliases=("tinh_trang", "trang_thai"),
        ),
        Field(
            "radius_m",
            "float",
            ("Bán kính chiếu sáng", "Lit radius"),
            low=1,
            high=200,
            unit="m",
            in_tile=True,
            aliases=("radius", "ban_kinh"),
        ),
        Field(
            "height_m", "float", ("Chiều cao cột", "Height"), low=0, high=60, unit="m", aliases=("height", "chieu_cao")
        ),
        Field(
            "lamp",
            "text",
            ("Loại bóng", "Lamp"),
            choices(led=("LED", "LED"), sodium=("Cao áp natri", "Sodium"), other=("Khác", "Other")),
            aliases=("loai_bong", "lamp_type"),
        ),
        *ASSET_FIELDS,
        Field("verified_on", "date", ("Kiểm tra tại chỗ", "Verified on"), aliases=("ngay_kiem_tra",)),
    ),
    style=Style(
        kind="point",
        color="#e8a200",
        icon="light",
        by="state",
        colors={"working": "#e8a200", "broken": "#c92a2a", "proposed": "#7048e8", "removed": "#868e96"},
    ),
)
