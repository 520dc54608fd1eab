-- Imports: data officers and the administrator of the commune alone, for a file may hold anything. What an import
-- stores is audited row by row; the import itself tells by its event in the log.

ALTER TABLE imports OWNER TO gis_owner;
ALTER TABLE imports ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY imports_owner ON imports TO gis_owner USING (true);
CREATE POLICY imports_own ON imports TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND current_setting('app.role', true) IN ('admin', 'data'));
GRANT SELECT, DELETE ON imports TO gis_app;
GRANT INSERT (commune_id, layer, file_name, byte_count, sha256, options) ON imports TO gis_app;
GRANT UPDATE (layer, state, options, found, report, applied_at, applied_by, undone_at, version) ON imports TO gis_app;

ALTER TABLE import_parts OWNER TO gis_owner;
ALTER TABLE import_parts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY import_parts_owner ON import_parts TO gis_owner USING (true);
CREATE POLICY import_parts_own ON import_parts TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND current_setting('app.role', true) IN ('admin', 'data'));
GRANT SELECT, INSERT, DELETE ON import_parts TO gis_app;

-- What was applied stays told by name, hash and mapping; the one that made it cannot take that back.
CREATE FUNCTION keep_applied_import() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF current_setting('app.role', true) IS DISTINCT FROM 'system' AND OLD.state IN ('applied', 'undone') THEN
    IF TG_OP = 'DELETE' OR NEW.state NOT IN ('applied', 'undone') OR NEW.options IS DISTINCT FROM OLD.options
       OR NEW.applied_at IS DISTINCT FROM OLD.applied_at OR NEW.applied_by IS DISTINCT FROM OLD.applied_by
       OR (OLD.state = 'undone' AND NEW.state <> 'undone') THEN
      RAISE EXCEPTION 'an import that was applied stays as it is' USING ERRCODE = 'check_violation';
    END IF;
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
ALTER FUNCTION keep_applied_import() OWNER TO gis_owner;
CREATE TRIGGER imports_keep BEFORE UPDATE OR DELETE ON imports FOR EACH ROW EXECUTE FUNCTION keep_applied_import();

-- The file goes a day after it was applied (until then it may be asked for), an import that nobody ended after a week.
CREATE FUNCTION delete_old_imports() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH parts AS (
    DELETE FROM import_parts AS p USING imports AS i
    WHERE i.id = p.import_id AND i.applied_at < now() - interval '1 day' RETURNING 1),
  gone AS (
    DELETE FROM imports WHERE applied_at IS NULL AND created_at < now() - interval '7 days' RETURNING 1)
  SELECT (SELECT count(*) FROM parts) + (SELECT count(*) FROM gone)
$$;
ALTER FUNCTION delete_old_imports() OWNER TO gis_owner;
REVOKE EXECUTE ON FUNCTION delete_old_imports() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION delete_old_imports() TO gis_app;
