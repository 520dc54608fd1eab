-- Files made by jobs: their owner's alone, in the role that asked. Not even the administrator reads another's; the log
-- says who took what.

ALTER TABLE export_files OWNER TO gis_owner;
ALTER TABLE export_files ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY export_files_owner ON export_files TO gis_owner USING (true);
CREATE POLICY export_files_own ON export_files TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND created_by = current_setting('app.username', true) AND created_by <> ''
         AND created_role = current_setting('app.role', true));
GRANT SELECT, DELETE ON export_files TO gis_app;
GRANT INSERT (commune_id, layer, asked) ON export_files TO gis_app;
GRANT UPDATE (job_id, made_at, file_name, media_type, row_count, byte_count, sha256) ON export_files TO gis_app;

ALTER TABLE export_parts OWNER TO gis_owner;
ALTER TABLE export_parts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY export_parts_owner ON export_parts TO gis_owner USING (true);
-- The file's own policy decides.
CREATE POLICY export_parts_own ON export_parts TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND EXISTS (SELECT 1 FROM export_files AS f WHERE f.id = export_file_id));
GRANT SELECT, INSERT ON export_parts TO gis_app;

-- A file that was made stays as it was made.
CREATE FUNCTION keep_export() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF OLD.made_at IS NOT NULL THEN
    RAISE EXCEPTION 'a file that was made stays as it is' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END
$$;
ALTER FUNCTION keep_export() OWNER TO gis_owner;
CREATE TRIGGER export_files_keep BEFORE UPDATE ON export_files FOR EACH ROW EXECUTE FUNCTION keep_export();

-- The daily retention's, of every commune.
CREATE FUNCTION delete_old_exports(kept_days integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (
    DELETE FROM export_files WHERE created_at < now() - make_interval(days => greatest(kept_days, 1)) RETURNING 1)
  SELECT count(*) FROM gone
$$;
ALTER FUNCTION delete_old_exports(integer) OWNER TO gis_owner;
REVOKE EXECUTE ON FUNCTION delete_old_exports(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION delete_old_exports(integer) TO gis_app;
