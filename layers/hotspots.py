"""Hotspots: places only, in the three classes of the documents; the most sensitive layer."""

from layers.base import SITING, Field, Layer, Style, choices

layer = Layer(
    name="hotspots",
    title=("Điểm nóng", "Hotspots"),
    geometry="POINT",
    section="security",
    label="place",
    readers=SITING,
    coarse_readers=frozenset({"planner"}),
    row_expiry="expires_on",
    min_zoom=12,
    shareable=True,
    fields=(
        Field("place", "text", ("Địa điểm", "Place"), max_length=120, aliases=("dia_diem", "vi_tri")),
        Field("class", "text", ("Phân loại", "Class"),
              choices(complex_point=("Điểm phức tạp", "Complex point"), gathering=("Tụ điểm", "Gathering place"),
                      risk=("Điểm có nguy cơ", "Place at risk")),
              required=True, in_tile=True, aliases=("loai", "phan_loai")),
        Field("severity", "int", ("Mức độ", "Severity"), low=1, high=5, required=True, default=1, in_tile=True,
              aliases=("muc_do",)),
        Field("hour_from", "int", ("Từ giờ", "From hour"), low=0, high=23, aliases=("tu_gio",)),
        Field("hour_to", "int", ("Đến giờ", "To hour"), low=0, high=24, aliases=("den_gio",)),
        Field("first_seen_on", "date", ("Ghi nhận lần đầu", "First seen"), aliases=("ngay_dau",)),
        Field("last_seen_on", "date", ("Ghi nhận gần nhất", "Last seen"), aliases=("ngay_cuoi",)),
        Field("state", "text", ("Tình trạng", "State"),
              choices(new=("Mới", "New"), verified=("Đã xác minh", "Verified"), handled=("Đã xử lý", "Handled"),
                      watched=("Theo dõi", "Watched"), closed=("Đã đóng", "Closed")),
              required=True, default="new", in_tile=True, aliases=("tinh_trang", "trang_thai")),
        Field("source_kind", "text", ("Nguồn", "Source"),
              choices(patrol=("Tuần tra", "Patrol"), tip=("Tin báo", "Tip"), unit=("Đơn vị", "Unit")),
              required=True, default="unit", aliases=("nguon",)),
        Field("expires_on", "date", ("Hết hạn lưu", "Expires on"), aliases=("het_han",)),
    ),
    style=Style(
        kind="point", color="#a61e4d", icon="hotspot", by="class", visible=True,
        colors={"complex_point": "#d9480f", "gathering": "#a61e4d", "risk": "#b08900"},
    ),
)
