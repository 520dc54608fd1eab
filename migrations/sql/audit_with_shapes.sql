-- The audit keeps shapes exactly (EWKB in hexadecimal), so that undo restores the very same coordinates.

CREATE FUNCTION audited(row_json jsonb, shape geometry) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT row_json - 'geom_3857' || jsonb_build_object('geom', encode(ST_AsEWKB(shape), 'hex'))
$$;
ALTER FUNCTION audited(jsonb, geometry) OWNER TO gis_owner;

CREATE OR REPLACE FUNCTION audit_rows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  actor_role text := coalesce(current_setting('app.role', true), '');
  actor_name text := coalesce(current_setting('app.username', true), '');
BEGIN
  IF actor_role = 'system' THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_entries (commune_id, role, username, action, table_name, row_id, after)
    SELECT n.commune_id, actor_role, actor_name, 'insert', TG_TABLE_NAME, n.id, audited(to_jsonb(n), n.geom)
    FROM new_rows AS n;
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_entries (commune_id, role, username, action, table_name, row_id, before, after)
    SELECT n.commune_id, actor_role, actor_name, 'update', TG_TABLE_NAME, n.id,
           audited(to_jsonb(o), o.geom), audited(to_jsonb(n), n.geom)
    FROM new_rows AS n JOIN old_rows AS o USING (id);
  ELSE
    INSERT INTO audit_entries (commune_id, role, username, action, table_name, row_id, before)
    SELECT o.commune_id, actor_role, actor_name, 'delete', TG_TABLE_NAME, o.id, audited(to_jsonb(o), o.geom)
    FROM old_rows AS o;
  END IF;
  RETURN NULL;
END
$$;

-- An editor reads the history of rows of the own commune; the whole log is for administrators.
CREATE POLICY audit_entries_history ON audit_entries FOR SELECT TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND row_id IS NOT NULL AND current_setting('app.role', true) IN ('admin', 'data', 'planner', 'patrol'));
CREATE INDEX audit_entries_row ON audit_entries (table_name, row_id, id);

ALTER TABLE idempotency_keys OWNER TO gis_owner;
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY idempotency_keys_owner ON idempotency_keys TO gis_owner USING (true);
CREATE POLICY idempotency_keys_own ON idempotency_keys TO gis_app
  USING (commune_id = coalesce(nullif(current_setting('app.commune_id', true), '')::int, 0)
         AND username = current_setting('app.username', true) AND username <> '');
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO gis_app;
