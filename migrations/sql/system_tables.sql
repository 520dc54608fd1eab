-- Policies of the tables that are not layers.

ALTER TABLE accounts OWNER TO gis_owner;
ALTER TABLE sessions OWNER TO gis_owner;
ALTER TABLE audit_entries OWNER TO gis_owner;
ALTER TABLE layer_versions OWNER TO gis_owner;
ALTER TABLE tile_cache OWNER TO gis_owner;

ALTER TABLE accounts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_entries ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE layer_versions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE tile_cache ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY accounts_owner ON accounts TO gis_owner USING (true);
CREATE POLICY sessions_owner ON sessions TO gis_owner USING (true);
CREATE POLICY audit_entries_owner ON audit_entries TO gis_owner USING (true);
CREATE POLICY layer_versions_owner ON layer_versions TO gis_owner USING (true);
CREATE POLICY tile_cache_owner ON tile_cache TO gis_owner USING (true);

-- Only the code that signs people in (role 'gate') sees accounts and sessions.
CREATE POLICY accounts_gate ON accounts TO gis_app USING (current_setting('app.role', true) = 'gate');
CREATE POLICY sessions_gate ON sessions TO gis_app USING (current_setting('app.role', true) = 'gate');
GRANT SELECT ON accounts TO gis_app;
GRANT UPDATE (failed_count, blocked_until_at) ON accounts TO gis_app;
GRANT SELECT, INSERT, DELETE ON sessions TO gis_app;
GRANT UPDATE (commune_id) ON sessions TO gis_app;

-- The audit log is written by triggers alone; nobody but its owner changes or deletes.
CREATE POLICY audit_entries_read ON audit_entries FOR SELECT TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND current_setting('app.role', true) = 'admin');
GRANT SELECT ON audit_entries TO gis_app;

CREATE POLICY layer_versions_read ON layer_versions FOR SELECT TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int);
CREATE POLICY layer_versions_national ON layer_versions FOR SELECT TO gis_national USING (true);
GRANT SELECT ON layer_versions TO gis_app, gis_national;

CREATE POLICY tile_cache_tenant ON tile_cache TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int);
-- 0 stands for the whole country.
CREATE POLICY tile_cache_national ON tile_cache TO gis_national USING (commune_id = 0);
GRANT SELECT, INSERT, UPDATE, DELETE ON tile_cache TO gis_app, gis_national;

-- /readyz compares the schema's version with the program's.
GRANT SELECT ON alembic_version TO gis_app;
