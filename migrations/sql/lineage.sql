-- Merging, splitting and renaming groups. The old units end on a day and stay in the history; the new ones begin with
-- what the old ones were, never better: the least advanced stage, the worst answer, the earliest review.

ALTER TABLE group_lineages OWNER TO gis_owner;
ALTER TABLE group_lineages ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY group_lineages_owner ON group_lineages TO gis_owner USING (true);
CREATE POLICY group_lineages_read ON group_lineages FOR SELECT TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'patrol', 'planner', 'supervisor'));
GRANT SELECT ON group_lineages TO gis_app;
CREATE TRIGGER group_lineages_audit AFTER INSERT OR UPDATE ON group_lineages
  FOR EACH ROW EXECUTE FUNCTION audit_decisions();

ALTER TABLE commune_lineages OWNER TO gis_owner;
ALTER TABLE commune_lineages ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY commune_lineages_owner ON commune_lineages TO gis_owner USING (true);
CREATE POLICY commune_lineages_read ON commune_lineages FOR SELECT TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int);
CREATE POLICY commune_lineages_write ON commune_lineages TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND current_setting('app.role', true) IN ('admin', 'data'));
GRANT SELECT, INSERT, UPDATE, DELETE ON commune_lineages TO gis_app;

CREATE FUNCTION stage_rank(stage text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_position(ARRAY['lapsed', 'not_selected', 'cleaning', 'building', 'proposed', 'recognised', 'maintained'],
                        stage)
$$;
CREATE FUNCTION worst_answer(answers text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN 'not_met' = ANY (answers) THEN 'not_met' WHEN 'not_reviewed' = ANY (answers) THEN 'not_reviewed'
              ELSE 'met' END
$$;

-- `children`: JSON array of {name, household_count?, geom? (hexadecimal EWKB)}. A merge and a rename make one child with
-- the parents' outline; a split names the outline of each, which must tile the parent (2 m2 in a thousand are let go).
-- Outcomes: done, role, missing, bad_count, too_early, too_late, open_changes, later_facts, name_taken, not_tiling.
CREATE FUNCTION change_units(of_kind text, on_day date, parent_ids bigint[], children jsonb, of_document text,
                             OUT outcome text, OUT child_ids bigint[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me integer := nullif(current_setting('app.commune_id', true), '')::int;
  parents groups[];
  whole geometry;
  pieces geometry;
  child jsonb;
  child_id bigint;
  shape geometry;
  households numeric;
  child_households numeric := 0;
  base group_statuses%ROWTYPE;
  share numeric;
  count_known boolean;
BEGIN
  IF me IS NULL OR coalesce(current_setting('app.role', true), '') NOT IN ('admin', 'data') THEN
    outcome := 'role';
    RETURN;
  END IF;
  PERFORM 1 FROM groups AS g WHERE g.id = ANY (parent_ids) AND g.commune_id = me ORDER BY g.id FOR UPDATE;
  SELECT array_agg(g ORDER BY g.id), ST_Union(g.geom), sum(g.household_count) INTO parents, whole, households
  FROM groups AS g WHERE g.id = ANY (parent_ids) AND g.commune_id = me AND (g.valid_to IS NULL OR g.valid_to > on_day);
  IF coalesce(cardinality(parents), 0) <> cardinality(parent_ids) THEN
    outcome := 'missing';
  ELSIF (of_kind = 'merge' AND (cardinality(parents) < 2 OR jsonb_array_length(children) <> 1))
     OR (of_kind = 'rename' AND (cardinality(parents) <> 1 OR jsonb_array_length(children) <> 1))
     OR (of_kind = 'split' AND (cardinality(parents) <> 1 OR jsonb_array_length(children) < 2)) THEN
    outcome := 'bad_count';
  ELSIF on_day > vietnam_today() THEN
    outcome := 'too_late';
  ELSIF EXISTS (SELECT 1 FROM unnest(parent_ids) AS p WHERE NOT EXISTS (
      SELECT 1 FROM group_statuses AS s WHERE s.group_id = p AND upper_inf(s.known) AND s.valid @> (on_day - 1))) THEN
    outcome := 'too_early';
  ELSIF EXISTS (SELECT 1 FROM stage_changes AS c WHERE c.group_id = ANY (parent_ids)
                AND c.state IN ('pending', 'deferred'))
     OR EXISTS (SELECT 1 FROM group_reviews AS r WHERE r.group_id = ANY (parent_ids) AND r.state = 'submitted') THEN
    outcome := 'open_changes';
  ELSIF EXISTS (SELECT 1 FROM group_statuses AS s WHERE s.group_id = ANY (parent_ids) AND upper_inf(s.known)
                AND (s.stage_on >= on_day OR s.last_reviewed_on >= on_day)) THEN
    -- What two persons decided after that day would be lost with the old unit.
    outcome := 'later_facts';
  ELSIF EXISTS (SELECT 1 FROM groups AS g, jsonb_array_elements(children) AS n
                WHERE g.commune_id = me AND g.valid_to IS NULL AND g.name = n ->> 'name'
                  AND NOT g.id = ANY (parent_ids)) THEN
    outcome := 'name_taken';
  ELSIF of_kind = 'split' THEN
    SELECT ST_Union((n ->> 'geom')::geometry), sum(ST_Area((n ->> 'geom')::geometry::geography))
    INTO pieces, share FROM jsonb_array_elements(children) AS n;
    IF ST_Area(ST_SymDifference(pieces, whole)::geography) > 0.002 * ST_Area(whole::geography)
       OR abs(share - ST_Area(pieces::geography)) > 0.002 * ST_Area(whole::geography) THEN
      outcome := 'not_tiling';
    END IF;
  END IF;
  IF outcome IS NOT NULL THEN
    RETURN;
  END IF;

  SELECT bool_and(n ->> 'household_count' IS NOT NULL), coalesce(sum((n ->> 'household_count')::numeric), 0)
  INTO count_known, child_households FROM jsonb_array_elements(children) AS n;
  -- What the child starts with, from the parents as they were the day before.
  SELECT * INTO base FROM group_statuses AS s WHERE s.group_id = ANY (parent_ids) AND upper_inf(s.known)
    AND s.valid @> (on_day - 1) ORDER BY stage_rank(s.stage), s.stage_on DESC NULLS LAST LIMIT 1;
  SELECT worst_answer(array_agg(s.users_answer)), min(s.users_on), worst_answer(array_agg(s.offenders_answer)),
         min(s.offenders_on), worst_answer(array_agg(s.places_answer)), min(s.places_on), min(s.last_reviewed_on),
         bool_or(s.is_pilot)
  INTO base.users_answer, base.users_on, base.offenders_answer, base.offenders_on, base.places_answer, base.places_on,
       base.last_reviewed_on, base.is_pilot
  FROM group_statuses AS s WHERE s.group_id = ANY (parent_ids) AND upper_inf(s.known) AND s.valid @> (on_day - 1);

  UPDATE groups AS g SET valid_to = on_day WHERE g.id = ANY (parent_ids);
  FOR child IN SELECT * FROM jsonb_array_elements(children) LOOP
    shape := ST_Multi(CASE WHEN of_kind = 'split' THEN (child ->> 'geom')::geometry ELSE whole END);
    share := CASE WHEN of_kind <> 'split' THEN 1
                  WHEN count_known AND child_households > 0 THEN (child ->> 'household_count')::numeric / child_households
                  ELSE (ST_Area(shape::geography) / ST_Area(whole::geography))::numeric END;
    INSERT INTO groups (commune_id, geom, source, name, kind, stage, stage_on, stage_document, stage_body,
                        users_answer, users_on, users_document, offenders_answer, offenders_on, offenders_document,
                        places_answer, places_on, places_document, is_pilot, household_count, resident_count,
                        last_reviewed_on, valid_from)
    SELECT me, shape, 'manual', child ->> 'name', base.kind, base.stage, base.stage_on, base.stage_document,
           base.stage_body, base.users_answer, base.users_on, base.users_document, base.offenders_answer,
           base.offenders_on, base.offenders_document, base.places_answer, base.places_on, base.places_document,
           base.is_pilot, CASE WHEN of_kind = 'split' THEN coalesce((child ->> 'household_count')::numeric,
                                                                    round(households * share)) ELSE households END,
           round(sum(p.resident_count) * share), base.last_reviewed_on, on_day
    FROM unnest(parents) AS p
    RETURNING groups.id INTO child_id;
    INSERT INTO group_lineages (commune_id, kind, changed_on, parent_id, child_id, household_share, document)
    SELECT me, of_kind, on_day, p, child_id, round(share, 6), of_document FROM unnest(parent_ids) AS p;
    child_ids := child_ids || child_id;
  END LOOP;
  outcome := 'done';
END
$$;
ALTER FUNCTION change_units(text, date, bigint[], jsonb, text) OWNER TO gis_owner;
ALTER FUNCTION stage_rank(text) OWNER TO gis_owner;
ALTER FUNCTION worst_answer(text[]) OWNER TO gis_owner;

-- A unit that has ended is counted no more: its children are.
CREATE OR REPLACE FUNCTION city_totals() RETURNS TABLE (
  commune_id integer, code text, full_name text, detail boolean, until_on date, stage text, group_count bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.id, c.code, c.full_name, w.detail, w.until_on, g.stage, count(g.id)
  FROM accounts AS a
  JOIN commune_grants AS w ON w.account_id = a.id AND w.until_on >= vietnam_today()
  JOIN communes AS c ON c.id = w.commune_id
  LEFT JOIN groups AS g ON g.commune_id = c.id AND (g.valid_to IS NULL OR g.valid_to > vietnam_today())
  WHERE current_setting('app.role', true) = 'city' AND a.username = current_setting('app.username', true)
    AND a.role = 'city' AND a.is_active
  GROUP BY c.id, c.code, c.full_name, w.detail, w.until_on, g.stage
  ORDER BY c.full_name COLLATE "vi-x-icu", c.id
$$;

-- What is there already has a history from its first day on.
INSERT INTO group_statuses (
  commune_id, group_id, valid, known, name, kind, stage, stage_on, stage_document, stage_body, users_answer, users_on,
  users_document, offenders_answer, offenders_on, offenders_document, places_answer, places_on, places_document,
  is_pilot, household_count, resident_count, last_reviewed_on, geom)
SELECT commune_id, id, daterange(coalesce(valid_from, vietnam_today()), valid_to), tstzrange(now(), NULL), name, kind,
  stage, stage_on, stage_document, stage_body, users_answer, users_on, users_document, offenders_answer, offenders_on,
  offenders_document, places_answer, places_on, places_document, is_pilot, household_count, resident_count,
  last_reviewed_on, geom
FROM groups WHERE valid_to IS NULL OR valid_to > coalesce(valid_from, vietnam_today());
