-- Notes of patrols: what a team found on its way, as a report about a place whose source is the patrol, and a photo.
-- Both are read by the police of the commune alone; a photo goes after 90 days, or with its note.

ALTER TABLE patrol_notes OWNER TO gis_owner;
ALTER TABLE patrol_notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY patrol_notes_owner ON patrol_notes TO gis_owner USING (true);
CREATE POLICY patrol_notes_read ON patrol_notes FOR SELECT TO gis_app
  USING (commune_id = acting_commune() AND current_setting('app.role', true) IN ('admin', 'data', 'patrol'));
-- A note belongs to a shift that was issued, and to a report of the same commune that a patrol found.
CREATE POLICY patrol_notes_add ON patrol_notes FOR INSERT TO gis_app
  WITH CHECK (commune_id = acting_commune() AND current_setting('app.role', true) IN ('admin', 'data', 'patrol')
              AND EXISTS (SELECT 1 FROM patrol_plans AS p WHERE p.id = plan_id AND p.state <> 'draft')
              AND EXISTS (SELECT 1 FROM place_reports AS r WHERE r.id = report_id AND r.source = 'patrol'));
CREATE POLICY patrol_notes_change ON patrol_notes FOR UPDATE TO gis_app
  USING (commune_id = acting_commune() AND current_setting('app.role', true) IN ('admin', 'data', 'patrol'));
GRANT SELECT, INSERT (commune_id, plan_id, team, client_id, report_id), UPDATE (made, made_id) ON patrol_notes TO gis_app;
CREATE TRIGGER patrol_notes_audit_rows_insert AFTER INSERT ON patrol_notes REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows();
CREATE TRIGGER patrol_notes_audit_rows_update AFTER UPDATE ON patrol_notes
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows();
CREATE TRIGGER patrol_notes_audit_rows_delete AFTER DELETE ON patrol_notes REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows();

-- No log of pictures: it would keep what was taken out.
ALTER TABLE patrol_note_photos OWNER TO gis_owner;
ALTER TABLE patrol_note_photos ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY patrol_note_photos_owner ON patrol_note_photos TO gis_owner USING (true);
CREATE POLICY patrol_note_photos_read ON patrol_note_photos FOR SELECT TO gis_app
  USING (commune_id = acting_commune() AND expires_on >= vietnam_today()
         AND current_setting('app.role', true) IN ('admin', 'data', 'patrol'));
CREATE POLICY patrol_note_photos_add ON patrol_note_photos FOR INSERT TO gis_app
  WITH CHECK (commune_id = acting_commune() AND current_setting('app.role', true) IN ('admin', 'data', 'patrol')
              AND EXISTS (SELECT 1 FROM patrol_notes AS n WHERE n.id = note_id));
GRANT SELECT, INSERT (commune_id, note_id, data, width, height, sha256) ON patrol_note_photos TO gis_app;

CREATE FUNCTION delete_expired_patrol_note_photos() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (DELETE FROM patrol_note_photos WHERE expires_on < vietnam_today() RETURNING 1) SELECT count(*) FROM gone
$$;
ALTER FUNCTION delete_expired_patrol_note_photos() OWNER TO gis_owner;
REVOKE EXECUTE ON FUNCTION delete_expired_patrol_note_photos() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION delete_expired_patrol_note_photos() TO gis_app;
