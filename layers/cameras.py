"""Cameras: one row is one view; views on one pole share `pole_code` and place."""

from layers.base import DEVICE_STATES, Field, Layer, Style, choices

layer = Layer(
    name="cameras",
    title=("Camera an ninh", "Cameras"),
    geometry="POINT",
    section="devices",
    label="external_id",
    searchable=True,
    min_zoom=12,
    shareable=True,
    fields=(
        Field("pole_code", "text", ("Mã cột", "Pole"), max_length=60, aliases=("cot", "ma_cot", "pole")),
        Field("azimuth_deg", "float", ("Hướng nhìn", "Direction"), low=0, high=360, unit="°", in_tile=True,
              aliases=("azimuth", "direction", "huong", "camera:direction", "bearing")),
        Field("fov_deg", "float", ("Góc nhìn", "Field of view"), low=1, high=360, unit="°", in_tile=True,
              aliases=("fov", "angle", "goc", "hfov")),
        Field("range_m", "float", ("Tầm nhìn", "Range"), low=1, high=1000, unit="m", in_tile=True,
              aliases=("range", "tam_nhin", "tam")),
        Field("kind", "text", ("Loại", "Kind"),
              choices(fixed=("Cố định", "Fixed"), ptz=("Quay quét (PTZ)", "PTZ"), panoramic=("Toàn cảnh 360°", "360°")),
              required=True, default="fixed", in_tile=True, aliases=("loai", "camera:type")),
        Field("state", "text", ("Tình trạng", "State"), DEVICE_STATES, required=True, default="working", in_tile=True,
              aliases=("tinh_trang", "trang_thai")),
        Field("ownership", "text", ("Sở hữu", "Owner"),
              choices(public=("Nhà nước", "Public"), residents=("Nhân dân lắp", "Residents'")),
              required=True, default="public", aliases=("so_huu",)),
        Field("pixel_width", "int", ("Độ phân giải ngang", "Pixel width"), low=160, high=20_000, unit="px",
              aliases=("do_phan_giai",)),
        Field("height_m", "float", ("Độ cao lắp", "Height"), low=0, high=100, unit="m",
              aliases=("height", "do_cao")),
        Field("has_infrared", "bool", ("Có hồng ngoại", "Infrared"), aliases=("hong_ngoai", "infrared")),
        Field("has_notice_sign", "bool", ("Đã gắn biển báo", "Notice sign"), required=True, default=False,
              aliases=("bien_bao",)),
        Field("has_ai", "bool", ("Có chức năng AI", "AI function"), required=True, default=False, aliases=("ai",)),
        Field("verified_on", "date", ("Kiểm tra tại chỗ", "Verified on"), aliases=("ngay_kiem_tra",)),
    ),
    style=Style(
        kind="sector", color="#0b7285", icon="camera", by="state", visible=True,
        colors={"working": "#0b7285", "broken": "#c92a2a", "proposed": "#7048e8", "removed": "#868e96"},
    ),
)
