-- Frozen reports: written once by one function, read by those who may, changed by nobody.

ALTER TABLE report_snapshots OWNER TO gis_owner;
ALTER TABLE report_snapshots ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY report_snapshots_owner ON report_snapshots TO gis_owner USING (true);
CREATE POLICY report_snapshots_read ON report_snapshots FOR SELECT TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'supervisor'));
GRANT SELECT ON report_snapshots TO gis_app;

ALTER TABLE report_files OWNER TO gis_owner;
ALTER TABLE report_files ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY report_files_owner ON report_files TO gis_owner USING (true);
CREATE POLICY report_files_read ON report_files FOR SELECT TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'supervisor'));
-- What makes a report prints it in the same transaction; nobody adds a file to an older one.
CREATE POLICY report_files_add ON report_files FOR INSERT TO gis_app
  WITH CHECK (commune_id = nullif(current_setting('app.commune_id', true), '')::int
              AND current_setting('app.role', true) IN ('admin', 'committee', 'data')
              AND EXISTS (SELECT 1 FROM report_snapshots AS r WHERE r.id = report_id AND r.made_at = now()));
GRANT SELECT, INSERT ON report_files TO gis_app;

-- Freeze: number, day (in Vietnam), maker and moment are the database's, not the caller's. NULL: not allowed.
CREATE FUNCTION freeze_report(of_kind text, from_day date, to_day date, on_day date, as_known timestamptz,
                              with_conclusions text, with_content jsonb, with_sha256 text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me integer := nullif(current_setting('app.commune_id', true), '')::int;
  in_role text := coalesce(current_setting('app.role', true), '');
  made bigint;
BEGIN
  IF me IS NULL OR in_role NOT IN ('admin', 'committee', 'data') THEN
    RETURN NULL;
  END IF;
  -- Two at once take their numbers one after the other.
  PERFORM pg_advisory_xact_lock(73020, me);
  INSERT INTO report_snapshots (commune_id, kind, from_on, to_on, valid_on, known_at, number, made_on, made_by,
                                conclusions, content, sha256)
  SELECT me, of_kind, from_day, to_day, on_day, as_known,
         1 + coalesce((SELECT max(r.number) FROM report_snapshots AS r WHERE r.commune_id = me
                       AND date_part('year', r.made_on) = date_part('year', vietnam_today())), 0),
         vietnam_today(), in_role, with_conclusions, with_content, with_sha256
  RETURNING id INTO made;
  RETURN made;
END
$$;
ALTER FUNCTION freeze_report(text, date, date, date, timestamptz, text, jsonb, text) OWNER TO gis_owner;
REVOKE EXECUTE ON FUNCTION freeze_report(text, date, date, date, timestamptz, text, jsonb, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION freeze_report(text, date, date, date, timestamptz, text, jsonb, text) TO gis_app;
