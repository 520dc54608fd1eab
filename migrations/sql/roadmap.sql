-- Roadmap: who reads and writes resolutions, clauses, target rules, counts and figures; the choice of a reading.

ALTER TABLE resolutions OWNER TO gis_owner;
ALTER TABLE clauses OWNER TO gis_owner;
ALTER TABLE target_rules OWNER TO gis_owner;
ALTER TABLE unit_counts OWNER TO gis_owner;
ALTER TABLE commune_figures OWNER TO gis_owner;
ALTER TABLE resolutions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE clauses ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE target_rules ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE unit_counts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE commune_figures ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, DELETE ON resolutions, clauses, target_rules, unit_counts, commune_figures TO gis_app;
GRANT INSERT (commune_id, number, issued_on, issuer, title, document, note),
      UPDATE (number, issued_on, issuer, title, document, note) ON resolutions TO gis_app;
GRANT INSERT (commune_id, resolution_id, line, text), UPDATE (line, text) ON clauses TO gis_app;
-- Not the chosen reading: that is the committee's, by the function below.
GRANT INSERT (commune_id, clause_id, kind, subject, part, operator, basis, share, count, year, until_year, due_on,
              rounding, named, readings, note),
      UPDATE (kind, subject, part, operator, basis, share, count, year, until_year, due_on, rounding, named, readings,
              note) ON target_rules TO gis_app;
GRANT INSERT (commune_id, kind, subject, counted_on, unit_count, achieved_count, document),
      UPDATE (counted_on, unit_count, achieved_count, document) ON unit_counts TO gis_app;
GRANT INSERT (commune_id, period_year, resident_count, addict_user_count, use_point_count, arrested_count, plant_count,
              plant_area_m2, on_key_route, document, commune_type, is_certain, rests_on_zero),
      UPDATE (resident_count, addict_user_count, use_point_count, arrested_count, plant_count, plant_area_m2,
              on_key_route, document, commune_type, is_certain, rests_on_zero) ON commune_figures TO gis_app;

-- A choice was made of the words that stood there: when they change, it is to be made again.
CREATE FUNCTION forget_choice() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF (NEW.readings, NEW.kind, NEW.subject, NEW.part, NEW.year, NEW.until_year)
     IS DISTINCT FROM (OLD.readings, OLD.kind, OLD.subject, OLD.part, OLD.year, OLD.until_year) THEN
    NEW.chosen_reading := NULL;
    NEW.chosen_by := NULL;
    NEW.chosen_at := NULL;
  END IF;
  RETURN NEW;
END
$$;
ALTER FUNCTION forget_choice() OWNER TO gis_owner;
CREATE TRIGGER target_rules_forget BEFORE UPDATE ON target_rules FOR EACH ROW EXECUTE FUNCTION forget_choice();

-- audit_rows() is for tables with a shape.
CREATE FUNCTION audit_roadmap() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  who_role text := coalesce(current_setting('app.role', true), '');
  who text := coalesce(current_setting('app.username', true), '');
BEGIN
  IF who_role = 'system' THEN
    RETURN NULL;
  END IF;
  INSERT INTO audit_entries (commune_id, role, username, action, table_name, row_id, before, after)
  SELECT CASE WHEN TG_OP = 'DELETE' THEN OLD.commune_id ELSE NEW.commune_id END, who_role, who, lower(TG_OP),
         TG_TABLE_NAME, CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END,
         CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
  RETURN NULL;
END
$$;
ALTER FUNCTION audit_roadmap() OWNER TO gis_owner;

-- The committee (or an administrator of the commune) says how a clause is to be understood; NULL opens the choice again.
CREATE FUNCTION choose_reading(rule_id bigint, reading text, seen_version integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me integer := nullif(current_setting('app.commune_id', true), '')::int;
  who text := coalesce(current_setting('app.username', true), '');
  found target_rules%ROWTYPE;
BEGIN
  IF me IS NULL OR who = '' OR coalesce(current_setting('app.role', true), '') NOT IN ('admin', 'committee') THEN
    RETURN 'role';
  END IF;
  SELECT * INTO found FROM target_rules AS r WHERE r.id = rule_id AND r.commune_id = me FOR UPDATE;
  IF found.id IS NULL THEN
    RETURN 'missing';
  ELSIF found.version <> seen_version THEN
    RETURN 'stale';
  ELSIF reading IS NOT NULL
        AND NOT found.readings @> jsonb_build_array(jsonb_build_object('code', reading)) THEN
    RETURN 'unknown';
  END IF;
  UPDATE target_rules AS r SET chosen_reading = reading,
    chosen_by = CASE WHEN reading IS NULL THEN NULL ELSE who END,
    chosen_at = CASE WHEN reading IS NULL THEN NULL ELSE now() END
  WHERE r.id = rule_id;
  RETURN 'chosen';
END
$$;
ALTER FUNCTION choose_reading(bigint, text, integer) OWNER TO gis_owner;

-- The type of the commune without the counts that make it.
CREATE VIEW commune_types WITH (security_barrier) AS
  SELECT f.commune_id, f.period_year, f.commune_type, f.is_certain, f.rests_on_zero, f.on_key_route, f.document
  FROM commune_figures AS f
  WHERE f.commune_id = nullif(current_setting('app.commune_id', true), '')::int
    AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'patrol', 'planner', 'supervisor');
ALTER VIEW commune_types OWNER TO gis_owner;
GRANT SELECT ON commune_types TO gis_app;

-- What a city account, or the nationwide reader, needs to add up targets of groups: rules as numbers (no text, no names)
-- and, in each commune, how many groups there are and how many are recognised or maintained.
CREATE FUNCTION roadmap_communes() RETURNS TABLE (commune_id integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT w.commune_id FROM accounts AS a
  JOIN commune_grants AS w ON w.account_id = a.id AND w.until_on >= vietnam_today()
  WHERE current_setting('app.role', true) = 'city' AND a.username = current_setting('app.username', true)
    AND a.role = 'city' AND a.is_active
  UNION ALL
  SELECT c.id FROM communes AS c
  WHERE current_setting('app.role', true) = 'admin' AND coalesce(current_setting('app.commune_id', true), '') = ''
$$;
ALTER FUNCTION roadmap_communes() OWNER TO gis_owner;

CREATE FUNCTION city_target_rules() RETURNS TABLE (
  commune_id integer, id bigint, part text, operator text, basis text, share numeric, count integer, year smallint,
  until_year smallint, rounding text, readings jsonb, chosen_reading text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT r.commune_id, r.id, r.part, r.operator, r.basis, r.share, r.count, r.year, r.until_year, r.rounding,
         r.readings, r.chosen_reading
  FROM roadmap_communes() AS m JOIN target_rules AS r ON r.commune_id = m.commune_id
  WHERE r.kind = 'group' AND r.subject = ''
$$;
ALTER FUNCTION city_target_rules() OWNER TO gis_owner;

CREATE FUNCTION city_achieved() RETURNS TABLE (
  commune_id integer, code text, full_name text, group_count bigint, achieved_count bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.id, c.code, c.full_name, count(g.id),
         count(g.id) FILTER (WHERE g.stage IN ('recognised', 'maintained'))
  FROM roadmap_communes() AS m JOIN communes AS c ON c.id = m.commune_id
  LEFT JOIN groups AS g ON g.commune_id = c.id AND (g.valid_to IS NULL OR g.valid_to > vietnam_today())
  GROUP BY c.id, c.code, c.full_name
  ORDER BY c.full_name COLLATE "vi-x-icu", c.id
$$;
ALTER FUNCTION city_achieved() OWNER TO gis_owner;

REVOKE EXECUTE ON FUNCTION forget_choice(), audit_roadmap(), choose_reading(bigint, text, integer), roadmap_communes(),
  city_target_rules(), city_achieved() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION choose_reading(bigint, text, integer), city_target_rules(), city_achieved() TO gis_app;
GRANT EXECUTE ON FUNCTION city_target_rules(), city_achieved() TO gis_national;
