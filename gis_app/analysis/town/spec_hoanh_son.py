"""Hoành Sơn ward, Hà Tĩnh: coast, hills, an industrial zone. Facts: ../seeds/003; the rest is invented."""

from datetime import date

from gis_app.analysis.town.model import Counts, EdgePlan, RiverPlan, RoadPlan, StageBatch, TownSpec, ZonePlan

_NAMES = (
    "Đông Yên", "Ba Đồng", "Tân Phúc Thành", "Hải Phong", "Hải Thanh", "Thắng Lợi", "Minh Đức", "Quý Huệ", "Phú Minh",
    "Tây Yên", "Trường Yên", "Yên Thịnh", "Liên Sơn", "Tân Sơn", "Long Sơn", "Nam Phong", "Minh Huệ", "Thanh Sơn",
    "Hoành Nam", "Đèo Ngang", "Xuân Sơn", "Liên Phú",
)
_POOL = (
    "Lê Quảng Chí", "Nguyễn Trọng Bình", "Phan Đình Phùng", "Nguyễn Công Trứ", "Nguyễn Du", "Hà Huy Tập", "Trần Phú",
    "Nguyễn Biểu", "Lê Bá Cảnh", "Hoàng Xuân Hãn", "Hải Thượng Lãn Ông", "Lê Lợi", "Quang Trung", "Mai Hắc Đế",
    "Xuân Diệu", "Phan Bội Châu", "Đồng Lộc", "Vũng Áng", "Sơn Dương", "Hoành Sơn Quan", "Bà Huyện Thanh Quan", "Thống Nhất",
)

HOANH_SON = TownSpec(
    code="18832", short="HS", name="Hoành Sơn", full_name="Phường Hoành Sơn, tỉnh Hà Tĩnh", kind="ward",
    province_code="42", province_name="Tỉnh Hà Tĩnh", area_km2=70.48,
    household_count=8_960, resident_count=33_420, merged_from="Kỳ Nam, Kỳ Phương, Kỳ Liên", metric_srid=9209,
    centre_m=(600_657.0, 1_992_113.0),
    outline=(
        (-5.9, 4.8), (-5.1, 5.3), (-4.6, 6.2), (-2.9, 5.9), (-2.3, 5.2), (-1.4, 5.0), (-0.3, 3.9), (1.1, 2.6),
        (1.9, 2.3), (2.6, 1.3), (3.9, 0.0), (4.9, -1.8), (6.0, -3.6), (5.5, -5.0), (4.8, -5.2), (4.1, -6.1),
        (3.0, -5.3), (2.4, -5.6), (1.6, -4.4), (0.8, -4.5), (0.0, -3.3), (-1.1, -3.4), (-1.8, -2.3), (-3.0, -2.2),
        (-3.6, -0.9), (-4.7, -0.3), (-4.8, 1.0), (-5.8, 1.9), (-5.4, 3.2),
    ),
    edges=(EdgePlan("sea", "Biển Đông", 2, 12, 120.0),),
    rivers=(
        RiverPlan("Sông Quyền", "river", 40.0, ((-6.4, 3.2), (-4.9, 3.6), (-3.7, 4.1), (-2.8, 4.9), (-2.3, 6.6))),
        RiverPlan("Khe Thầu Dầu", "stream", 14.0, ((-3.2, -1.9), (-1.9, -0.4), (-0.9, 0.9), (0.2, 1.9), (1.4, 3.0))),
        RiverPlan("Khe Bò", "stream", 8.0, ((-2.2, -2.1), (-1.75, -1.75), (-1.3, -1.6), (-0.6, -1.1), (-0.4, 0.2), (-0.65, 1.05))),
        RiverPlan("Khe Đá", "stream", 7.0, ((0.3, -3.6), (0.9, -2.2), (1.7, -1.2), (2.9, -0.2), (3.6, 0.5))),
        RiverPlan("Khe Nước", "stream", 7.0, ((3.4, -5.3), (3.7, -4.2), (4.4, -3.5), (5.2, -3.0))),
        RiverPlan("Khe Cà", "stream", 6.0, ((-4.4, -0.2), (-4.0, 0.8), (-3.7, 1.8), (-3.4, 3.0), (-3.75, 4.0))),
        RiverPlan("Khe Lũy", "stream", 14.0, ((1.4, -4.6), (2.2, -3.1), (3.1, -1.9), (4.2, -0.6))),
    ),
    roads=(
        RoadPlan("Quốc lộ 1A", "trunk", ((-6.6, 4.4), (-4.9, 3.95), (-3.3, 3.0), (-1.8, 2.2), (-0.2, 1.2), (1.3, 0.2), (2.7, -1.0), (3.7, -2.4), (4.5, -3.8), (4.9, -6.2))),
        RoadPlan("Đường tránh Quốc lộ 1A", "primary", ((-6.3, 2.0), (-4.6, 1.7), (-3.0, 1.2), (-1.5, 0.4), (-0.1, -0.6), (1.3, 0.2))),
        RoadPlan("Đường ven biển", "primary", ((-4.9, 3.95), (-4.0, 4.9), (-2.8, 5.1), (-1.6, 4.2), (-0.5, 3.1), (0.7, 2.2), (2.1, 1.0), (2.7, -1.0))),
        RoadPlan("Đường vào cảng Sơn Dương", "secondary", ((-3.3, 3.0), (-2.9, 4.0), (-2.8, 5.1), (-2.5, 5.5))),
        RoadPlan("Đường Kỳ Phương", "secondary", ((-0.2, 1.2), (0.2, 1.8), (0.7, 2.2))),
        RoadPlan("Đường Kỳ Nam", "secondary", ((3.7, -2.4), (4.2, -2.1), (4.4, -1.4))),
        RoadPlan("Đường Ba Đồng", "tertiary", ((-1.8, 2.2), (-1.1, 2.9), (-0.5, 3.1))),
        RoadPlan("Đường hồ Mộc Hương", "tertiary", ((-1.5, 0.4), (-1.9, -0.5), (-1.5, -1.3))),
        RoadPlan("Đường lâm nghiệp 1", "track", ((-0.1, -0.6), (0.6, -1.3), (0.9, -2.5), (1.7, -3.3), (2.4, -3.4), (3.7, -2.4))),
        RoadPlan("Đường lâm nghiệp 2", "track", ((-4.6, 1.7), (-4.1, 0.4), (-3.2, -0.6), (-2.5, -1.4), (-1.5, -1.0), (-1.75, -0.3))),
        RoadPlan("Đường lâm nghiệp 3", "track", ((1.7, -3.3), (2.2, -4.4), (3.3, -4.9), (4.72, -4.9))),
        RoadPlan("Đường Tây Yên", "tertiary", ((-4.6, 1.7), (-4.2, 2.7), (-3.3, 3.0))),
    ),
    zones=(
        ZonePlan("beach", "Bãi biển Kỳ Phương", (0.5, 3.1), (1.2, 0.7), 135.0),
        ZonePlan("beach", "Bãi biển Kỳ Nam", (4.4, -1.0), (1.0, 0.6), 120.0),
        ZonePlan("industrial", "Khu công nghiệp Vũng Áng – Hoành Sơn", (-3.6, 4.75), (0.85, 0.5), 40.0),
        ZonePlan("industrial", "Khu công nghiệp Phú Minh", (-3.1, 2.1), (0.6, 0.38), 155.0),
        ZonePlan("lake", "Hồ Mộc Hương", (-1.4, -1.7), (0.55, 0.25), 40.0), ZonePlan("lake", "Hồ Tàu Voi", (-4.0, 0.9), (0.3, 0.2), 20.0),
        ZonePlan("urban", "Kỳ Liên", (-1.9, 2.3), (0.55, 0.36), 150.0),
        ZonePlan("urban", "Kỳ Phương", (-0.1, 1.45), (0.52, 0.35), 145.0),
        ZonePlan("suburb", "Ba Đồng", (-1.05, 3.15), (0.38, 0.3), 135.0),
        ZonePlan("village", "Đông Yên", (1.2, 1.5), (0.44, 0.27), 140.0),
        ZonePlan("village", "Kỳ Nam", (3.75, -2.15), (0.48, 0.3), 125.0),
        ZonePlan("village", "Tây Yên", (-4.55, 2.7), (0.38, 0.3), 60.0),
        ZonePlan("village", "Minh Huệ", (2.25, -0.55), (0.4, 0.26), 140.0),
        ZonePlan("village", "Quý Huệ", (-0.3, -0.1), (0.38, 0.26), 140.0),
        ZonePlan("field", "", (0.6, 2.65), (2.9, 0.62), 136.0),
        ZonePlan("field", "", (-2.6, 3.3), (2.6, 1.5), 145.0),
        ZonePlan("field", "", (0.4, 0.9), (1.7, 1.1), 140.0),
        ZonePlan("field", "", (3.5, -1.5), (1.2, 0.7), 125.0),
        ZonePlan("field", "", (-4.7, 1.9), (1.0, 1.1), 90.0),
    ),
    default_use="hill", centres=((-1.9, 2.3), (-0.1, 1.45), (3.75, -2.15)),
    group_names=tuple(f"Tổ dân phố {name}" for name in _NAMES), street_names=_POOL,
    counts=Counts(poles=70, views=130, lights=900, hotspots=60, venues=60, buildings=3500),
    neighbours=("Phường Vũng Áng", "Phường Sông Trí", "Xã Kỳ Hoa", "Xã Kỳ Lạc", "Xã Phú Trạch"),
    programme=(
        StageBatch("maintained", date(2026, 9, 30), "Số 512/BC-UBND ngày 30/9/2026", count=10),
        StageBatch("recognised", date(2025, 12, 11), "Số 402/QĐ-UBND ngày 11/12/2025", count=9),
        StageBatch("proposed", date(2026, 11, 9), "Số 188/TTr-UBND ngày 09/11/2026", count=1),
        StageBatch("building", date(2026, 2, 24), "Số 27/KH-UBND ngày 24/02/2026", count=-1),
    ),
    exempt_total=24, other_total=3, key_routes=("Quốc lộ 1A",),
    extra_facilities=(("transport", "Bến xe Hoành Sơn", "public"),),
    hotspot_themes=(("guesthouse", 3.0), ("bridge", 1.5), ("market", 1.0), ("beach", 1.5), ("vacant", 2.0), ("works", 2.5), ("station", 1.0)),
)
