-- What OpenStreetMap said last: for those who import, in their commune.

ALTER TABLE osm_rows OWNER TO gis_owner;
ALTER TABLE osm_rows ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY osm_rows_owner ON osm_rows TO gis_owner USING (true);
CREATE POLICY osm_rows_own ON osm_rows TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND current_setting('app.role', true) IN ('admin', 'data'));
GRANT SELECT, DELETE ON osm_rows TO gis_app;
GRANT INSERT (commune_id, layer, external_id, base, seen_at) ON osm_rows TO gis_app;
GRANT UPDATE (base, previous, seen_at) ON osm_rows TO gis_app;
