"""Every address that a template writes out is one that the application answers."""

import re
from pathlib import Path

import pytest
from flask import Flask

TEMPLATES = sorted(Path("gis_app/templates").rglob("*.html"))
# Addresses that begin with a value, and files of the page itself, are not written out.
WRITTEN = re.compile(r"""(?:href|action|src)="(/(?!static/|/)[^"]*)\"""")
ANY = "*"


def addresses(text: str) -> list[list[str]]:
    """Addresses in parts, without query and anchor; a part with a value fits any; conditions are left out."""
    found = []
    for one in WRITTEN.findall(text):
        if "{%" not in one:
            plain = re.split(r"[?#]", re.sub(r"\{\{.*?\}\}", ANY, one))[0]
            found.append([ANY if ANY in part else part for part in plain.split("/")])
    return found


def leads(address: list[str], rule: list[str]) -> bool:
    return len(address) == len(rule) and all(
        ANY in (there, given) or given == there or there.startswith("<")
        for given, there in zip(address, rule, strict=True)
    )


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: "/".join(path.parts[2:]))
def test_links_of_templates_lead_somewhere(app: Flask, template: Path) -> None:
    rules = [re.sub(r"<[^>]*>", "<>", rule.rule).split("/") for rule in app.url_map.iter_rules()]
    found = addresses(template.read_text())
    assert ["/".join(one) for one in found if not any(leads(one, rule) for rule in rules)] == []


def test_the_scan_finds_addresses() -> None:
    assert addresses('<a href="/viec/{{ id }}?a=1#b"> <form action="/x{% if y %}/z{% endif %}">') == [["", "viec", ANY]]
    assert not leads(["", "nhiem-vu", ANY], ["", "viec", "<>"])
    assert sum(len(addresses(path.read_text())) for path in TEMPLATES) > 100
