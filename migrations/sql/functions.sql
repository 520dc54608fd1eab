-- Triggers and helpers. Owned by gis_owner; SECURITY DEFINER where the web's role has no right of its own.

-- Vietnamese text without diacritics, for search: NFC and NFD give the same key.
CREATE FUNCTION search_key(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT lower(translate(regexp_replace(normalize(value, NFD), '[\u0300-\u036f]', '', 'g'), 'đĐ', 'dD'))
$$;

CREATE FUNCTION touch_row() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := OLD.version + 1;
  NEW.updated_at := now();
  RETURN NEW;
END
$$;

-- One audit entry a row, one statement a change. Loading by the system itself (role 'system') is not a person's act.
CREATE FUNCTION audit_rows() RETURNS trigger
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
    SELECT n.commune_id, actor_role, actor_name, 'insert', TG_TABLE_NAME, n.id,
           to_jsonb(n) - 'geom' - 'geom_3857'
    FROM new_rows AS n;
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_entries (commune_id, role, username, action, table_name, row_id, before, after)
    SELECT n.commune_id, actor_role, actor_name, 'update', TG_TABLE_NAME, n.id,
           to_jsonb(o) - 'geom_3857', to_jsonb(n) - 'geom_3857'
    FROM new_rows AS n JOIN old_rows AS o USING (id);
  ELSE
    INSERT INTO audit_entries (commune_id, role, username, action, table_name, row_id, before)
    SELECT o.commune_id, actor_role, actor_name, 'delete', TG_TABLE_NAME, o.id, to_jsonb(o) - 'geom_3857'
    FROM old_rows AS o;
  END IF;
  RETURN NULL;
END
$$;

-- Ready-made tiles and ETags carry this number, so a change makes both stale at commit.
CREATE FUNCTION bump_layer_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    INSERT INTO layer_versions AS v (commune_id, layer, version)
    SELECT DISTINCT commune_id, TG_TABLE_NAME, 1 FROM old_rows
    ON CONFLICT (commune_id, layer) DO UPDATE SET version = v.version + 1;
  ELSE
    INSERT INTO layer_versions AS v (commune_id, layer, version)
    SELECT DISTINCT commune_id, TG_TABLE_NAME, 1 FROM new_rows
    ON CONFLICT (commune_id, layer) DO UPDATE SET version = v.version + 1;
  END IF;
  RETURN NULL;
END
$$;

ALTER FUNCTION search_key(text) OWNER TO gis_owner;
ALTER FUNCTION touch_row() OWNER TO gis_owner;
ALTER FUNCTION audit_rows() OWNER TO gis_owner;
ALTER FUNCTION bump_layer_version() OWNER TO gis_owner;
