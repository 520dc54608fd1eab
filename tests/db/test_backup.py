"""Backup, restore into an empty database, comparison: everything comes back, and whatever does not is named."""

import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Connection, Engine

from gis_app import create_app
from gis_app.db import OWNER_ROLE, Actor, begin, driver_url, make_engine
from gis_app.jobs.archive import DUMP, MANIFEST, BackupError, read_manifest
from gis_app.jobs.backup import make_backup, verify
from gis_app.jobs.restore import drop_database, restore
from gis_app.queries.writes import insert_feature
from gis_app.settings import Settings
from layers import LAYERS
from tests.builders import MAU


@pytest.fixture(scope="module")
def backup(owner_engine: Engine, urls: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the test database with the sample communes."""
    with begin(owner_engine, Actor("data", MAU.id, "hoa")) as conn:
        insert_feature(conn, LAYERS["lights"], MAU.id, {"state": "working", "radius_m": 9}, MAU.at(900, 900))
    file = tmp_path_factory.mktemp("backups") / "b.tar"
    make_backup(urls[1], file)
    return file


@pytest.fixture
def other_url(urls: tuple[str, str]) -> Iterator[str]:
    """The owner's URL of a database that is not there yet."""
    url = urls[1].replace("/gis_test_", "/gis_restored_")
    yield url
    drop_database(url)


def column(conn: Connection, text: str) -> list[object]:
    return list(conn.exec_driver_sql(text).scalars())


def test_everything_comes_back(backup: Path, other_url: str, urls: tuple[str, str]) -> None:
    assert oct(backup.stat().st_mode)[-3:] == "600"
    assert restore(other_url, backup).differences == []
    engine = make_engine(other_url, role=OWNER_ROLE)
    with begin(engine, Actor("data", MAU.id, "hoa")) as conn:
        # Computed anew by the restore, with PostGIS's functions outside the search path.
        assert column(conn, "SELECT count(*) FROM lights WHERE geom_3857 IS NULL") == [0]
        assert column(conn, "SELECT count(*) FROM roads WHERE ST_SRID(geom_3857) <> 3857") == [0]
        # Its own VN-2000 zones, which Debian's PostGIS lacks.
        assert column(conn, "SELECT count(*) FROM spatial_ref_sys WHERE srid BETWEEN 9205 AND 9218") == [14]
        assert column(conn, "SELECT count(*) FROM sessions") == [0]
        newest = column(conn, "SELECT max(id) FROM lights")[0]
        again = insert_feature(conn, LAYERS["lights"], MAU.id, {"state": "working", "radius_m": 9}, MAU.at(900, 900))
        assert again.id > newest  # type: ignore[operator]
        assert column(conn, "SELECT action FROM audit_entries ORDER BY id DESC LIMIT 1") == ["insert"]
    engine.dispose()
    web = make_engine(urls[0].replace("/gis_test_", "/gis_restored_"))
    with begin(web, Actor("data", MAU.id, "hoa")) as conn:
        assert column(conn, "SELECT DISTINCT commune_id FROM lights") == [MAU.id]
    web.dispose()


KEYS = ("access_tokens", "invitations", "recovery_codes")


@pytest.fixture
def backup_with_keys(owner_engine: Engine, urls: tuple[str, str], tmp_path: Path) -> Path:
    """A backup made while a token, an invitation and a recovery code held; they are revoked after it."""
    statements = {
        "access_tokens": "INSERT INTO access_tokens (token_hash, account_id, scope, expires_at) "
        "SELECT 'kept', min(id), 'read', now() + interval '1 day' FROM accounts",
        "invitations": "INSERT INTO invitations (token_hash, commune_id, username, role, invited_by, expires_at) "
        "VALUES ('kept', 90001, 'moi.moi', 'data', 'x', now() + interval '1 day')",
        "recovery_codes": "INSERT INTO recovery_codes (account_id, position, code_hash) "
        "SELECT min(id), 0, 'kept' FROM accounts",
    }
    with begin(owner_engine, Actor("system")) as conn:
        for statement in statements.values():
            conn.exec_driver_sql(statement)
    make_backup(urls[1], tmp_path / "keys.tar")
    with begin(owner_engine, Actor("system")) as conn:
        for name in statements:
            conn.exec_driver_sql(f"DELETE FROM {name}")
    return tmp_path / "keys.tar"


@pytest.mark.parametrize("keep", [False, True])
def test_what_was_revoked_since_the_backup_does_not_hold_again(
    keep: bool, backup_with_keys: Path, other_url: str
) -> None:
    done = restore(other_url, backup_with_keys, keep_tokens=keep)
    assert done.differences == []
    assert done.ended == ({} if keep else dict.fromkeys(KEYS, 1) | {"sessions": 0})
    engine = sa.create_engine(driver_url(other_url))
    with engine.begin() as conn:
        for name in ("sessions", *KEYS):
            assert column(conn, f"SELECT count(*) FROM {name}") == [int(keep and name != "sessions")]
    engine.dispose()
    # Having ended is no difference from the backup; being others is.
    assert verify(other_url, read_manifest(backup_with_keys)) == []


def test_checks_still_hold_after_a_restore(backup: Path, other_url: str) -> None:
    restore(other_url, backup)
    engine = make_engine(other_url, role=OWNER_ROLE)
    bad = "INSERT INTO lights (commune_id, geom) VALUES (90001, ST_SetSRID(ST_MakePoint('NaN', 20), 4326))"
    with pytest.raises(sa.exc.IntegrityError, match="lights_geom_sane"), begin(engine, Actor("system")) as conn:
        conn.exec_driver_sql(bad)
    engine.dispose()


LOSSES = {
    "DROP POLICY lights_read ON lights": "policies: missing: lights.lights_read",
    "ALTER FUNCTION geometry_overlaps(geometry, geometry) NOT LEAKPROOF": "flags: missing: geometry_overlaps",
    "ALTER TABLE cameras NO FORCE ROW LEVEL SECURITY": "row_security: missing: cameras on forced",
    "GRANT TRUNCATE ON lights TO gis_app": "grants: unknown: lights gis_app: TRUNCATE",
    "REVOKE SELECT ON audit_entries FROM gis_app": "grants: missing: audit_entries gis_app: SELECT",
    "GRANT EXECUTE ON FUNCTION st_estimatedextent(text, text) TO PUBLIC": "revoked: missing: st_estimatedextent(text",
    "ALTER TABLE groups DISABLE TRIGGER groups_audit_rows_update": "triggers: missing: ",
    "ALTER TABLE lights DROP CONSTRAINT lights_geom_sane": "constraints: missing: lights lights_geom_sane",
    "DROP INDEX lights_geom_3857_gist": "indexes: missing: CREATE INDEX lights_geom_3857_gist",
    "ALTER TABLE hotspots OWNER TO gis_national": "owners: missing: hotspots gis_owner",
    "DELETE FROM lights WHERE id = (SELECT min(id) FROM lights)": "rows: lights: ",
    "UPDATE groups SET name = name || '.' WHERE id = (SELECT min(id) FROM groups)": "(other values)",
}


def test_every_loss_is_named(backup: Path, other_url: str) -> None:
    restore(other_url, backup)
    manifest = read_manifest(backup)
    for loss, sign in LOSSES.items():
        engine = sa.create_engine(driver_url(other_url))
        with engine.begin() as conn:
            conn.exec_driver_sql(loss)
        engine.dispose()
        assert any(sign in line for line in verify(other_url, manifest)), loss


def test_a_database_with_tables_is_refused(backup: Path, urls: tuple[str, str]) -> None:
    with pytest.raises(BackupError, match="is not empty"):
        restore(urls[1], backup)


def repacked(source: Path, target: Path, **changed: bytes) -> Path:
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old.getmembers():
            data = old.extractfile(member).read()  # type: ignore[union-attr]
            data = changed.get(member.name.split(".")[0], data)
            member.size = len(data)
            path = target.with_name("member")
            path.write_bytes(data)
            with path.open("rb") as file:
                new.addfile(member, file)
    return target


def test_a_damaged_or_newer_file_is_refused_before_anything(backup: Path, other_url: str, tmp_path: Path) -> None:
    torn = tmp_path / "torn.tar"
    torn.write_bytes(backup.read_bytes()[:-20_000])
    newer = json.dumps(read_manifest(backup) | {"migration": "9999"}).encode()
    cases = {
        "damaged": torn,
        "SHA-256": repacked(backup, tmp_path / "changed.tar", database=b"PGDMP and more"),
        "newer program": repacked(backup, tmp_path / "newer.tar", manifest=newer),
        "not a backup": repacked(backup, tmp_path / "other.tar", manifest=b"{}"),
    }
    for words, file in cases.items():
        with pytest.raises(BackupError, match=words):
            restore(other_url, file)
    with tarfile.open(backup) as tar:
        assert {MANIFEST, DUMP} == set(tar.getnames())


def test_a_failed_dump_leaves_no_file(urls: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gis_app.jobs.backup.write_archive", full)
    with pytest.raises(BackupError, match="No space left"):
        make_backup(urls[1], tmp_path / "b.tar")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def other_app(settings: Settings, other_url: str) -> Iterator[Flask]:
    app = create_app(Settings(settings.database_url, other_url, settings.secret_key, settings.var_dir))
    yield app
    app.extensions["engine"].dispose()


def test_one_command_each(other_app: Flask, app: Flask, tmp_path: Path) -> None:
    file = str(tmp_path / "c.tar")
    run, run_other = app.test_cli_runner(), other_app.test_cli_runner()
    assert "rows of" in run.invoke(args=["backup", file]).output
    restored = run_other.invoke(args=["restore", file])
    assert (restored.exit_code, restored.output.splitlines()[-1].split()[0]) == (0, "VERIFIED"), restored.output
    assert run_other.invoke(args=["verify-backup", file]).exit_code == 0
    assert run_other.invoke(args=["restore", file]).exit_code == 1
    engine = sa.create_engine(driver_url(other_app.config["SETTINGS"].owner_database_url))
    with engine.begin() as conn:
        conn.exec_driver_sql("DROP POLICY lights_read ON lights")
    engine.dispose()
    lost = run_other.invoke(args=["verify-backup", file])
    assert lost.exit_code == 1
    assert "DIFFERENT policies: missing: lights.lights_read" in lost.output
    assert "nothing was dropped" in run_other.invoke(args=["drop-database", "gis"]).output
    assert run_other.invoke(args=["drop-database", f"gis_restored_{os.getpid()}"]).exit_code == 0
    assert run_other.invoke(args=["verify-backup", file]).exit_code == 1
