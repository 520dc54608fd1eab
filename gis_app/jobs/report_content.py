"""Gather what a report freezes: the head of the form, and every section of report_sections/ in order."""

import datetime as dt
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from sqlalchemy.engine import Connection

from gis_app.analysis.report import ReportContent, Section, Text
from gis_app.analysis.report_periods import Period
from gis_app.jobs import report_sections
from gis_app.jobs.report_sources import VIETNAM, Asked
from gis_app.queries.communes import Commune
from gis_app.queries.reports import fetch_same_moment
from gis_app.queries.statuses import fetch_shapes, fetch_statuses

# A moment as young as this is "now" to tables that keep no history: the job was asked for just before.
NOW = dt.timedelta(minutes=30)
NO_HISTORY = (
    "Nội dung này không lưu lịch sử nên không lập lại được cho thời điểm đã qua; xem báo cáo được chốt đúng lúc đó."
)
Step = Callable[[int, str], None]


def section_modules() -> list[ModuleType]:
    """The modules of report_sections/, in the order of their numbers."""
    names = sorted(module.name for module in pkgutil.iter_modules(report_sections.__path__))
    return [importlib.import_module(f"{report_sections.__name__}.{name}") for name in names]


def gather(
    conn: Connection, commune: Commune, period: Period, known_at: dt.datetime, *, now: dt.datetime, step: Step
) -> dict[str, Any]:
    """Return the content of a report as known at a moment, ready to freeze.

    The same commune, period and moment give the same content whenever they are asked for, whoever asks.
    """
    earlier = fetch_same_moment(conn, commune.id, (period.kind, period.from_on, period.to_on), known_at)
    # The day that is drawn is the last of the period, or the day of asking while the period still runs.
    valid_on = min(period.to_on, known_at.astimezone(VIETNAM).date())
    asked = Asked(
        commune=commune,
        period=period,
        valid_on=valid_on,
        known_at=known_at,
        before=fetch_statuses(conn, commune.id, period.from_on - dt.timedelta(days=1), known_at),
        after=fetch_statuses(conn, commune.id, valid_on, known_at),
        shapes=fetch_shapes(conn, commune.id, valid_on, known_at),
    )
    is_past = earlier is not None or now - known_at > NOW
    sections, modules = [], section_modules()
    for count, module in enumerate(modules):
        step(5 + 45 * count // len(modules), "gathering")
        found = _from_history(module, earlier) if is_past and not module.HAS_HISTORY else _ask(module, conn, asked)
        if found is not None:
            sections.append(found)
    return ReportContent(_head(asked), sections).as_json()


def _ask(module: ModuleType, conn: Connection, asked: Asked) -> Mapping[str, Any] | None:
    section: Section | None = module.section(conn, asked)
    return None if section is None else section.as_json()


def _from_history(module: ModuleType, earlier: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The section as it was frozen at that moment, or a word that there is none."""
    name = module.__name__.rpartition(".")[2].partition("_")[2]
    if earlier is None:
        return Section(name, module.TITLE, (Text(NO_HISTORY),)).as_json()
    return next((section for section in earlier["sections"] if section["name"] == name), None)


def _head(asked: Asked) -> dict[str, Any]:
    commune, period, unit, place = asked.commune, asked.period, asked.unit, asked.place
    known = asked.known_at.astimezone(VIETNAM)
    aim = f"xây dựng {unit} không ma túy"
    return {
        "kind": period.kind,
        "from_on": period.from_on.isoformat(),
        "to_on": period.to_on.isoformat(),
        "valid_on": asked.valid_on.isoformat(),
        "known_at": asked.known_at.astimezone(dt.UTC).isoformat(),
        "commune": {"code": commune.code, "full_name": commune.full_name, "is_demo": commune.is_demo},
        "organ": ["ỦY BAN NHÂN DÂN", place.upper()],
        "place": commune.name,
        "title": "BÁO CÁO",
        "subject": f"Kết quả {aim} {period.name}".strip(),
        "days": f"({period.days})",
        "bases": [
            "Căn cứ Quyết định số 28/2025/QĐ-TTg ngày 24 tháng 8 năm 2025 của Thủ tướng Chính phủ;",
            f"Căn cứ số liệu của {place} được ghi nhận trên hệ thống Bản đồ Bình Yên đến {known:%H:%M} ngày "
            f"{known:%d/%m/%Y},",
        ],
        "opening": " ".join(
            part
            for part in (f"Ủy ban nhân dân {place} báo cáo kết quả {aim}", period.name, period.days, "như sau:")
            if part
        ),
        "signers": ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"],
        "recipients": [
            f"UBND {_lower_first(commune.province_name or 'cấp trên')} (để báo cáo);",
            f"Đảng ủy, HĐND {place};",
            f"Ban Chỉ đạo {place};",
            f"Các {unit};",
            "Lưu: VT, CA.",
        ],
    }


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
