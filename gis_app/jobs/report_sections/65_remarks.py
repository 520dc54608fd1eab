"""What approved reviews of the period say in words: what worked, what stands in the way, what is proposed."""

from collections import defaultdict

from sqlalchemy.engine import Connection

from gis_app.analysis.report import Points, Section, Text
from gis_app.jobs.report_sources import Asked
from gis_app.queries.reviews import fetch_remarks
from gis_app.tables.statuses import REMARKS
from gis_app.words import VIETNAMESE as VI

HAS_HISTORY = False
TITLE = "Kinh nghiệm, tồn tại, khó khăn, kiến nghị"


def section(conn: Connection, asked: Asked) -> Section:
    """By what is said, then by group; what several groups say in the same words stands once."""
    found = fetch_remarks(conn, asked.commune.id, days=(asked.period.from_on, asked.period.to_on))
    said: dict[str, dict[str, list[str]]] = {name: defaultdict(list) for name in REMARKS}
    for one in reversed(found):
        for name, text in one.texts.items():
            if one.group_name not in said[name][text]:
                said[name][text].append(one.group_name)
    figures: dict[str, int | str] = {name: len(texts) for name, texts in said.items()}
    if not found:
        return Section(
            "remarks", TITLE, (Text("Trong kỳ chưa có phiếu rà soát đã duyệt nào ghi nội dung này."),), figures
        )
    blocks: list[Text | Points] = []
    for name, texts in said.items():
        if texts:
            blocks.append(Text(f"{VI.say(f'review.{name}')}:"))
            blocks.append(Points([f"{', '.join(groups)}: {text}" for text, groups in texts.items()]))
    return Section("remarks", TITLE, blocks, figures)
