"""The roadmap: what each year asks for in whole units, what is achieved, and the clauses that say so."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.engine import Connection

from gis_app.analysis.report import Column, Points, Section, Table, Text
from gis_app.analysis.roadmap import Target, YearTargets
from gis_app.jobs.report_sources import Asked, day, name_list
from gis_app.jobs.roadmap import HORIZON, Moment, Roadmap, roadmap_of
from gis_app.jobs.roadmap_words import headline, reading_labels, target_words
from gis_app.queries.roadmap import fetch_resolutions, fetch_rules
from gis_app.words import VIETNAMESE as VI

# Groups have a history, clauses and the counts of other units have none.
HAS_HISTORY = False
TITLE = "Lộ trình theo nghị quyết, kế hoạch"

Rule = Mapping[str, Any]
Cells = tuple[str, str, str, str, str]


def section(conn: Connection, asked: Asked) -> Section:
    """Targets against what is achieved on the last day of the report, then the clauses."""
    year = asked.valid_on.year
    moment = Moment(asked.valid_on, asked.known_at)
    found = roadmap_of(conn, asked.commune.id, max(HORIZON, year), at=moment)
    groups = found.units["group"]
    figures: dict[str, int | str] = {"achieved": groups.achieved or 0, "total": groups.total or 0}
    if not found.rules:
        text = "Trên hệ thống chưa có nghị quyết, kế hoạch nào đặt mục tiêu bằng số."
        return Section("roadmap", TITLE, (Text(text),), figures)
    rules = fetch_rules(conn, asked.commune.id)
    marks = {rule_id: number for number, same in _by_clause(rules) for rule_id in same}
    spoken_of = [one for one in found.years if one.rule_ids or any(target.gap for target in one.targets)]
    for one in spoken_of:
        figures |= _figures(one)
    due = [(one, target) for one in spoken_of for target in one.targets if target.whole != 0 or one.total == 0]
    rows = _rows([(_cells(found, one, target, asked), one, marks) for one, target in due])
    columns = (
        Column("Năm", 12, "center"),
        Column("Đối tượng", 27),
        Column("Mục tiêu cộng dồn", 49),
        Column("Đã đạt", 15, "center"),
        Column("Còn thiếu", 13, "center"),
        Column("Kết quả", 23, "center"),
        Column("Căn cứ", 14, "center"),
    )
    spoken = {rule["resolution_id"] for rule in rules}
    resolutions = [row for row in fetch_resolutions(conn, asked.commune.id) if row.id in spoken]
    blocks = (
        Text(f"{headline(VI, found, asked.commune.kind, year)}."),
        Table("Mục tiêu và kết quả từng năm", columns, rows, "roadmap"),
        *_missing(spoken_of, asked),
        Text(_note(asked), is_note=True),
        Text("Văn bản đặt mục tiêu:"),
        Points([f"Văn bản {number}: {_cited(row)};" for number, row in enumerate(resolutions, 1)]),
        _clauses(rules, [row.id for row in resolutions]),
    )
    return Section("roadmap", TITLE, blocks, figures)


def _note(asked: Asked) -> str:
    return (
        f"Ghi chú: “Đã đạt” tính đến ngày {day(asked.valid_on)}; năm đã qua tính đến hạn của năm đó. Tỷ lệ được làm "
        "tròn trên số cộng dồn; “Còn thiếu” là số đơn vị nguyên; số trong ngoặc vuông là điều khoản ở bảng sau."
    )


def _by_clause(rules: Sequence[Rule]) -> list[tuple[int, list[int]]]:
    """Rules of one clause under one number, in the order of the clauses."""
    clauses: dict[int, list[int]] = {}
    for rule in sorted(rules, key=lambda rule: (rule["resolution_id"], rule["line"] or 0, rule["clause_id"])):
        clauses.setdefault(rule["clause_id"], []).append(rule["id"])
    return list(enumerate(clauses.values(), 1))


def _figures(one: YearTargets) -> dict[str, int | str]:
    """Whole targets and gaps by year and kind; of several readings the first."""
    name = f"{one.kind}_{one.year}" if not one.subject else f"{one.kind}/{one.subject}_{one.year}"
    pairs = {"whole": one.targets[0].whole, "gap": one.targets[0].gap}
    return {f"{name}_{what}": value for what, value in pairs.items() if value is not None}


def _kind(one: YearTargets, asked: Asked) -> str:
    kind = VI.say(f"roadmap.kind.{one.kind}") if one.kind != "group" else asked.unit[0].upper() + asked.unit[1:]
    return f"{kind} – {one.subject}" if one.subject else kind


def _cells(found: Roadmap, one: YearTargets, target: Target, asked: Asked) -> Cells:
    """What a row says but for its year and clauses."""
    said, labels = target_words(VI, one, target), reading_labels(found, target)
    if labels:
        said = f"{said}\nCách hiểu (chưa chọn): {'; '.join(labels)}"
    achieved = "" if one.achieved is None else VI.number(one.achieved)
    if achieved and one.total is not None and one.kind not in ("commune", "model"):
        achieved = f"{achieved}/{VI.number(one.total)}"
    gap = "" if target.gap is None else VI.number(target.gap)
    return _kind(one, asked), said, achieved or "chưa có số liệu", gap, _result(one, target, asked)


def _rows(said: Sequence[tuple[Cells, YearTargets, Mapping[int, int]]]) -> list[tuple[str, ...]]:
    """A row for every span of years that ask for the same, with the clauses of all of them; by kind, then year."""
    spans: list[tuple[Cells, list[int], set[int]]] = []
    for cells, one, marks in said:
        same = [span for span in spans if span[0] == cells and span[1][-1] == one.year - 1]
        if not same:
            same = [(cells, [], set())]
            spans += same
        same[0][1].append(one.year)
        same[0][2].update(marks[rule_id] for rule_id in one.rule_ids)
    rows = []
    for cells, years, numbers in spans:
        span = str(years[0]) if len(years) == 1 else f"{years[0]} – {years[-1]}"
        rows.append((span, *cells, ", ".join(f"[{number}]" for number in sorted(numbers)) or "các năm trước"))
    return rows


def _missing(years: Sequence[YearTargets], asked: Asked) -> list[Text]:
    """Units that clauses name and that are not achieved, once for every list of them."""
    lists: dict[tuple[str, tuple[str, ...]], int] = {}
    for one in years:
        if one.missing:
            lists.setdefault((_kind(one, asked), one.missing), one.year)
    return [
        Text(f"{kind}, hạn năm {year}, đã nêu tên nhưng chưa đạt: {name_list(names)}.")
        for (kind, names), year in lists.items()
    ]


def _result(one: YearTargets, target: Target, asked: Asked) -> str:
    """The word of the roadmap's page."""
    if target.met is None:
        return VI.say("roadmap.result.unknown")
    if target.met:
        return VI.say("roadmap.result.met")
    return VI.say("roadmap.result.not_met" if one.year < asked.valid_on.year else "roadmap.result.under_way")


def _clauses(rules: Sequence[Rule], resolutions: Sequence[int]) -> Table:
    by_id = {rule["id"]: rule for rule in rules}
    rows = []
    for number, same in _by_clause(rules):
        own = [by_id[rule_id] for rule_id in same]
        document = f"Văn bản {resolutions.index(own[0]['resolution_id']) + 1}"
        line = f",\n{VI.say('roadmap.line', line=own[0]['line']).lower()}" if own[0]["line"] else ""
        rows.append((f"[{number}]", f"{document}{line}", own[0]["text"], _readings(own)))
    columns = (
        Column("TT", 10, "center"),
        Column("Văn bản, dòng", 26, "center"),
        Column("Nội dung điều khoản", 89),
        Column("Cách hiểu, làm tròn", 40),
    )
    return Table("Điều khoản làm căn cứ", columns, rows, "clauses")


def _cited(document: Any) -> str:
    """A document as it is cited."""
    number = f" số {document.number}" if document.number else ""
    issued = f" ngày {day(document.issued_on)}" if document.issued_on else ""
    return f"{document.title}{number}{issued}"


def _readings(rules: Sequence[Rule]) -> str:
    """Which reading was chosen, or that it is still open; and how shares are rounded."""
    said = []
    for rule in rules:
        texts = {reading["code"]: reading.get("text", "") for reading in rule["readings"] or ()}
        if rule["chosen_reading"] in texts:
            said.append(f"Ban Chỉ đạo đã chọn: {texts[rule['chosen_reading']]}")
        elif texts:
            said.append("Có " + VI.say("roadmap.readings_count", count=len(texts)) + f": {'; '.join(texts.values())}")
        if rule["share"] is not None and rule["count"] is None:
            strict = {">": "trên mức này, lấy số nguyên kế trên", ">=": "ít nhất mức này, lấy số nguyên không nhỏ hơn"}
            said.append(strict.get(rule["operator"]) or VI.say(f"rounding.{rule['rounding']}"))
    if not said:
        return "Theo câu chữ"
    return "\n".join(dict.fromkeys(text[0].upper() + text[1:] for text in said))
