-- Photos of things looked at on site: the police of the commune reads, its data officers add; gone after 365 days.
-- No log of pictures: it would keep what was taken out.
ALTER TABLE survey_photos OWNER TO gis_owner;
ALTER TABLE survey_photos ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY survey_photos_owner ON survey_photos TO gis_owner USING (true);
CREATE POLICY survey_photos_read ON survey_photos FOR SELECT TO gis_app
  USING (commune_id = acting_commune() AND expires_on >= vietnam_today()
         AND current_setting('app.role', true) IN ('admin', 'data', 'patrol'));
CREATE POLICY survey_photos_add ON survey_photos FOR INSERT TO gis_app
  WITH CHECK (commune_id = acting_commune() AND current_setting('app.role', true) IN ('admin', 'data'));
CREATE POLICY survey_photos_remove ON survey_photos FOR DELETE TO gis_app
  USING (commune_id = acting_commune() AND current_setting('app.role', true) IN ('admin', 'data'));
GRANT SELECT, INSERT (commune_id, layer, row_id, client_id, data, width, height, sha256), DELETE ON survey_photos TO gis_app;

CREATE FUNCTION delete_expired_survey_photos() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (DELETE FROM survey_photos WHERE expires_on < vietnam_today() RETURNING 1) SELECT count(*) FROM gone
$$;
ALTER FUNCTION delete_expired_survey_photos() OWNER TO gis_owner;
REVOKE EXECUTE ON FUNCTION delete_expired_survey_photos() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION delete_expired_survey_photos() TO gis_app;
