"""Every variable, command, path and version in the deployment files is one that exists. No Docker engine is needed."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from gis_app.cli import commands
from gis_app.settings import ROOT, Settings

COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
NGINX = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
ENV_LINES = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
EXAMPLE = dict(line.split("=", 1) for line in ENV_LINES if line and not line.startswith("#"))

PROGRAM = ("migrate", "web", "worker")
# Only docker compose reads these; everything else in .env.example is a setting.
COMPOSE_ONLY = {"APP_DB_PASSWORD", "OWNER_DB_PASSWORD", "PUBLIC_PORT"}
SECRETS = {"SECRET_KEY", "APP_DB_PASSWORD", "OWNER_DB_PASSWORD", "DATABASE_URL", "DATABASE_OWNER_URL"}
# Set in the image for flask and Python themselves.
FOREIGN = {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "FLASK_APP"}
PINNED = re.compile(r"^[\w./-]+:\d+\.\d+(\.\d+)?(-[a-z][\w.-]*)?$")


def settings_variables() -> set[str]:
    return set(re.findall(r'environ\.get\("([A-Z_]+)"', (ROOT / "gis_app" / "settings.py").read_text(encoding="utf-8")))


def test_example_lists_every_setting_and_nothing_else() -> None:
    assert set(EXAMPLE) == settings_variables() | COMPOSE_ONLY


def test_every_variable_has_a_comment() -> None:
    for number, line in enumerate(ENV_LINES):
        if line and not line.startswith("#"):
            assert ENV_LINES[number - 1].startswith("# "), line


def test_no_secret_has_a_default() -> None:
    assert {name: EXAMPLE[name] for name in SECRETS} == dict.fromkeys(SECRETS, "")
    for name, default in re.findall(r"\$\{(\w+):-([^}]*)\}", COMPOSE_TEXT):
        assert name not in SECRETS, default
    for name in SECRETS & set(re.findall(r"\$\{(\w+)", COMPOSE_TEXT)):
        assert f"${{{name}:?" in COMPOSE_TEXT
    assert not re.search(r"(?i)(password|secret)\w*[=:] *[\"']?[\w-]{6,}", re.sub(r"\$\{[^}]*\}", "", COMPOSE_TEXT))


def test_example_values_are_the_defaults() -> None:
    filled = {name: value for name, value in EXAMPLE.items() if value}
    filled |= {"DATABASE_URL": "postgresql://x/y", "SECRET_KEY": "x"}
    found = Settings.from_environment(filled)
    for name in ("host", "port", "worker_count", "secure_cookies", "max_body_bytes", "default_language"):
        assert getattr(found, name) == getattr(Settings, name), name
    assert found.var_dir == (ROOT / "var").resolve()


def test_compose_asks_for_known_variables_only() -> None:
    assert set(re.findall(r"(?<!\$)\$\{(\w+)", COMPOSE_TEXT)) <= set(EXAMPLE)
    for name in PROGRAM:
        assert set(COMPOSE["services"][name]["environment"]) <= settings_variables(), name
    in_image = set(re.findall(r"([A-Z_]+)=\S+", re.search(r"^ENV .*$", DOCKERFILE, re.M)[0]))  # type: ignore[index]
    assert in_image - FOREIGN <= settings_variables()


def test_the_owner_login_reaches_the_migration_alone() -> None:
    holders = [n for n in PROGRAM if "DATABASE_OWNER_URL" in COMPOSE["services"][n]["environment"]]
    assert holders == ["migrate"]


def test_commands_exist() -> None:
    known = {command.name for command in commands()}
    used = re.findall(r"flask ([a-z-]+)", COMPOSE_TEXT + DOCKERFILE)
    used += [s["command"][1] for s in COMPOSE["services"].values() if isinstance(s.get("command"), list)]
    assert {"migrate", "worker", "create-account"} <= set(used) <= known
    worker = next(command for command in commands() if command.name == "worker")
    assert "--every" in {option for parameter in worker.params for option in parameter.opts}
    assert re.search(r"^granian==", (ROOT / "requirements.txt").read_text(), re.M)
    assert "granian --interface wsgi --factory wsgi:create_app" in DOCKERFILE


def test_images_and_packages_are_pinned() -> None:
    stages = re.findall(r"^FROM (\S+) AS (\w+)$", DOCKERFILE, re.M)
    assert len(stages) == len(re.findall(r"^FROM ", DOCKERFILE, re.M)) == 4
    for image in [image for image, _ in stages] + [s["image"] for s in COMPOSE["services"].values()]:
        assert PINNED.match(image), image
    targets = {s["build"]["target"] for s in COMPOSE["services"].values() if "build" in s}
    assert targets <= {stage for _, stage in stages}
    assert "-c requirements-lock.txt" in DOCKERFILE
    assert "npm ci" in DOCKERFILE


def ignored(path: str) -> bool:
    """What .dockerignore says: the last line that fits decides."""
    verdict = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.removeprefix("!")
        if line and not line.startswith("#") and (pattern == "*" or f"{path}/".startswith(f"{pattern}/")):
            verdict = not line.startswith("!")
    return verdict


def test_paths_exist_and_reach_the_build() -> None:
    copies = re.findall(r"^COPY (?!--from)(.+) (\S+)$", DOCKERFILE, re.M)
    assert len(copies) > 6
    for source in " ".join(sources for sources, _ in copies).split():
        assert (ROOT / source).exists(), source
        assert not ignored(source), source
    stages = set(re.findall(r"^FROM \S+ AS (\w+)$", DOCKERFILE, re.M))
    assert set(re.findall(r"COPY --from=(\w+)", DOCKERFILE)) <= stages
    mounts = [volume.split(":")[0] for s in COMPOSE["services"].values() for volume in s.get("volumes", [])]
    for mount in mounts:
        assert (ROOT / mount).exists() if mount.startswith(".") else mount in COMPOSE["volumes"], mount
    for secret in (".env", "var", ".git", "tests", "static/vendor"):
        assert ignored(secret), secret


def test_everything_of_the_program_is_in_the_image() -> None:
    copied = set(re.findall(r"^COPY (?!--from)(\S+) \S+$", DOCKERFILE, re.M))
    contracts = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    packages = set(re.search(r"root_packages = \[(.*?)\]", contracts)[1].replace('"', "").split(", "))  # type: ignore[index]
    assert packages | {"migrations", "static", "wsgi.py"} <= copied


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_services_are_modest_and_watched(name: str) -> None:
    service = COMPOSE["services"][name]
    assert "restart" in service
    assert set(service["networks"]) <= set(COMPOSE["networks"])
    assert set(service.get("depends_on", {})) <= set(COMPOSE["services"])
    if name != "db":
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    if name != "web":
        assert "healthcheck" in service
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert name == "proxy" or "ports" not in service


def test_program_runs_unprivileged_with_a_health_check() -> None:
    web = DOCKERFILE.split(" AS web\n")[1].split("\nFROM ")[0]
    assert re.search(r"^USER 10001:10001$", web, re.M)
    assert "HEALTHCHECK" in web
    assert "/healthz" in web
    assert (ROOT / "gis_app" / "web" / "health.py").exists()


def test_proxy_keeps_nothing_private_across_people() -> None:
    key = re.search(r'proxy_cache_key "([^"]+)"', NGINX)
    assert key is not None
    assert {"$request_uri", "$http_cookie", "$http_authorization"} <= set(key[1].split("|"))
    ignored_headers = re.search(r"proxy_ignore_headers ([^;]+);", NGINX)
    assert ignored_headers is not None
    assert "Set-Cookie" not in ignored_headers[1]
    assert "proxy_no_cache $not_kept" in NGINX
    assert NGINX.count("{") == NGINX.count("}")
    folder = re.search(r"proxy_cache_path (\S+)", NGINX)
    assert folder is not None
    assert any(folder[1].startswith(mount.split(":")[0]) for mount in COMPOSE["services"]["proxy"]["tmpfs"])


def test_proxy_lets_a_full_body_through_and_no_more() -> None:
    megabytes = re.search(r"client_max_body_size (\d+)m;", NGINX)
    assert megabytes is not None
    assert Settings.max_body_bytes < int(megabytes[1]) * 2**20 < 2 * Settings.max_body_bytes
    assert {"client_body_timeout", "client_header_timeout", "limit_conn", "limit_req"} <= set(re.findall(r"\w+", NGINX))


def location(start: str) -> str:
    return NGINX.split(f"location {start}")[1].split("}")[0]


def test_proxy_keeps_no_trace_of_who_tells() -> None:
    # Also of the files that only the receipt page loads.
    for start in ("~ ^/tin(", "/static/"):
        assert {"access_log off;", "error_log /dev/null crit;"} <= set(re.findall(r"\w+ [^;\n]+;", location(start)))
    by_address = set(re.findall(r"\$binary_remote_addr zone=(\w+)", NGINX))
    used = re.findall(r"limit_(?:req zone=|conn )(\w+)", location("~ ^/tin("))
    assert len(used) == 2, "limits of its own, or those by address are taken over"
    assert not by_address & set(used)


def test_docker_compose_agrees() -> None:
    # Debian's own docker-compose needs no engine for this; scripts/setup.sh installs it.
    compose = shutil.which("docker-compose")
    assert compose is not None
    environ = {"PATH": str(Path(compose).parent)} | dict.fromkeys(SECRETS, "x")
    command = [compose, "-f", str(ROOT / "docker-compose.yml"), "config", "--quiet"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environ)
    assert done.returncode == 0, done.stderr
