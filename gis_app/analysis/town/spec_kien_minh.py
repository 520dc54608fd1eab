"""Kiến Minh commune, Hải Phòng, crossed by a motorway. Facts: ../seeds/004; the rest is invented."""

from datetime import date

from gis_app.analysis.town.model import Counts, EdgePlan, RiverPlan, RoadPlan, StageBatch, TownSpec, ZonePlan

_VILLAGES = (
    ("Phong Cầu 1", (-1.1, 1.85), (0.37, 0.22), 20.0), ("Phong Cầu 2", (-0.15, 1.95), (0.25, 0.15), 160.0),
    ("Đức Phong", (-1.35, 0.95), (0.36, 0.24), 60.0), ("Đại Lộc", (-0.35, 0.95), (0.35, 0.20), 10.0),
    ("Đại Trà", (0.75, 1.3), (0.35, 0.20), 120.0), ("Tam Kiệt", (1.35, 0.35), (0.40, 0.24), 80.0),
    ("Lạng Côn", (-1.25, -0.2), (0.28, 0.17), 35.0), ("Quế Lâm", (-0.25, -0.15), (0.30, 0.19), 140.0),
    ("Đồng Tâm", (0.6, 0.2), (0.32, 0.20), 0.0), ("Văn Cao", (1.25, -0.75), (0.25, 0.16), 60.0),
    ("Bàng Động", (0.25, -1.1), (0.40, 0.23), 15.0), ("Cẩm Hoàn", (-0.85, -1.25), (0.33, 0.20), 100.0),
    ("Ngọc Tỉnh", (0.75, -2.0), (0.30, 0.18), 170.0), ("Tân Linh", (-0.25, -2.05), (0.38, 0.23), 40.0),
)

KIEN_MINH = TownSpec(
    code="11725", short="KM", name="Kiến Minh", full_name="Xã Kiến Minh, thành phố Hải Phòng", kind="commune",
    province_code="31", province_name="Thành phố Hải Phòng", area_km2=16.32,
    household_count=7_540, resident_count=25_855, merged_from="Đông Phương, Đại Đồng, Minh Tân", metric_srid=9210,
    centre_m=(597_435.0, 2_297_219.0),
    outline=(
        (-1.7, 2.2), (-1.1, 2.35), (-0.7, 2.8), (0.1, 2.45), (0.5, 2.6), (1.0, 2.0), (1.5, 2.1), (1.6, 1.4),
        (2.1, 0.9), (1.75, 0.2), (2.1, -0.5), (1.6, -1.0), (1.8, -1.7), (1.3, -2.0), (1.4, -2.7), (0.5, -2.6),
        (0.1, -2.95), (-0.8, -2.55), (-1.5, -1.6), (-1.85, -0.4), (-2.0, 1.0),
    ),
    edges=(EdgePlan("river", "Sông Đa Độ", 17, 20, 90.0),),
    rivers=(
        RiverPlan("Kênh Hoà Bình", "canal", 10.0, ((-2.2, 1.4), (-0.9, 1.4), (0.2, 1.6), (1.1, 0.8), (2.2, 0.8))),
        RiverPlan("Sông Sàng", "river", 18.0, ((-1.9, -0.75), (-0.8, -0.7), (0.3, -0.6), (0.9, -0.3), (2.3, -0.3))),
        RiverPlan("Kênh Trung thuỷ nông", "canal", 9.0, ((0.25, 2.8), (0.15, 1.4), (0.1, 0.4), (-0.55, -0.75), (-0.4, -1.6), (0.25, -3.0))),
    ),
    roads=(
        RoadPlan("Cao tốc Hà Nội – Hải Phòng", "motorway", ((-2.6, 0.25), (-1.3, 0.4), (0.0, 0.5), (1.2, 0.78), (2.6, 1.25))),
        RoadPlan("Đường tỉnh 355", "trunk", ((-1.9, 2.9), (-0.7, 2.35), (0.2, 1.45), (0.75, 0.72), (0.85, -0.55), (0.8, -1.55), (1.2, -3.1))),
        RoadPlan("Đường tỉnh 363", "primary", ((2.6, -0.1), (1.7, -0.15), (0.85, -0.55), (-0.35, -0.85), (-1.3, -0.75), (-2.3, -0.9))),
        RoadPlan("Nút giao Kiến Minh", "primary", ((0.75, 0.72), (0.68, 0.66), (0.55, 0.62), (0.4, 0.6))),
    ),
    zones=(
        *(ZonePlan("village", *village) for village in _VILLAGES),
        ZonePlan("lake", "Hồ Đại Trà", (0.45, 0.78), (0.11, 0.06), 20.0), ZonePlan("lake", "Ao Đình Đông", (-0.75, 1.5), (0.08, 0.06)),
        ZonePlan("industrial", "Cụm công nghiệp Kiến Minh", (1.22, -1.5), (0.26, 0.2), 100.0),
    ),
    default_use="field", centres=tuple(village[1] for village in _VILLAGES),
    group_names=tuple(f"Thôn {village[0]}" for village in _VILLAGES), street_names=("Đường trục xã", "Đường Đông Phương"),
    counts=Counts(poles=55, views=96, lights=700, hotspots=32, venues=20, buildings=3400),
    neighbours=("Phường Dương Kinh", "Phường Hưng Đạo", "Xã Kiến Thuỵ", "Xã Kiến Hưng", "Xã An Quang"),
    programme=(
        StageBatch("building", date(2026, 8, 3), "Số 155/KH-UBND ngày 03/8/2026", count=1),
        StageBatch("lapsed", date(2026, 8, 20), "Số 240/QĐ-UBND ngày 20/8/2026", count=1),
        StageBatch("recognised", date(2025, 12, 10), "Số 388/QĐ-UBND ngày 10/12/2025", count=3),
        StageBatch("maintained", date(2026, 7, 2), "Số 196/BC-UBND ngày 02/7/2026", count=-1),
    ),
    exempt_total=17, other_total=2, key_routes=("Cao tốc Hà Nội – Hải Phòng",),
    hotspot_themes=(("bridge", 2.5), ("market", 1.0), ("river", 1.5), ("guesthouse", 1.5), ("vacant", 2.0), ("works", 1.0)),
)
