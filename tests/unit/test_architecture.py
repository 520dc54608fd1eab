"""The rules of ARCHITECTURE.md that import-linter does not hold."""

import ast
import re
from pathlib import Path

import pytest

from gis_app.settings import ROOT

OURS = [
    path
    for folder in ("gis_app", "layers", "migrations", "benchmarks", "tests", "static/js", "static/css", "scripts")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".js", ".css", ".sql", ".sh"} and "vendor" not in path.parts
]
MAX_LINES = 400
MAX_FUNCTION_LINES = 60


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("path", OURS, ids=relative)
def test_no_file_is_past_400_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MAX_LINES


@pytest.mark.parametrize("path", [p for p in OURS if p.suffix == ".py" and "versions" not in p.parts], ids=relative)
def test_no_function_is_past_60_lines(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < MAX_FUNCTION_LINES, node.name


def test_web_resources_never_import_each_other() -> None:
    files = sorted((ROOT / "gis_app" / "web").glob("*.py"))
    resources = {f"gis_app.web.{p.stem}" for p in files if re.search(r"^blueprint = ", p.read_text(), re.M)}
    # assets also gives the version that pages name.
    resources -= {"gis_app.web.assets"}
    assert len(resources) > 8
    for path in files:
        if f"gis_app.web.{path.stem}" in resources:
            assert not imports_of(path) & resources, path.name


def test_layer_files_never_import_each_other() -> None:
    files = [p for p in (ROOT / "layers").glob("*.py") if p.stem not in {"__init__", "base"}]
    names = {f"layers.{p.stem}" for p in files}
    assert len(names) > 20
    for path in files:
        assert not imports_of(path) & names, path.name


def test_layer_names_stand_in_no_program_file() -> None:
    """Adding a layer is adding a file: a test adds one, and here nobody keeps a list."""
    for path in (ROOT / "layers" / "__init__.py", ROOT / "layers" / "base.py", ROOT / "gis_app" / "web" / "layers.py"):
        for name in ("cameras", "hotspots", "tip_boxes"):
            assert f'"{name}"' not in path.read_text()


def test_no_path_or_registry_of_one_machine() -> None:
    pattern = re.compile(r"(?<![A-Za-z0-9_.~-])/(root|home)/[A-Za-z]|\"resolved\": *\"http|--(extra-)?index-url")
    files = [*OURS, ROOT / "package-lock.json", ROOT / "Makefile", ROOT / "requirements-lock.txt"]
    here = Path(__file__)
    assert [relative(p) for p in files if p != here and pattern.search(p.read_text())] == []
