-- Events that change no row (sign-in, export, report) go into the same log; only this function writes them.
CREATE FUNCTION audit_event(event text, subject text, detail jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO audit_entries (commune_id, role, username, action, table_name, after)
  VALUES (nullif(current_setting('app.commune_id', true), '')::int, coalesce(current_setting('app.role', true), ''),
          coalesce(current_setting('app.username', true), ''), event, subject, detail)
$$;
ALTER FUNCTION audit_event(text, text, jsonb) OWNER TO gis_owner;

DROP POLICY audit_entries_read ON audit_entries;
CREATE POLICY audit_entries_read ON audit_entries FOR SELECT TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND current_setting('app.role', true) IN ('admin', 'supervisor'));

ALTER TABLE audit_seals OWNER TO gis_owner;
ALTER TABLE audit_seals ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_seals_owner ON audit_seals TO gis_owner USING (true);
