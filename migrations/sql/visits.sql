-- Visits of patrols: owners, policies, grants, the log, and the functions that alone write. A visit is flagged, never
-- refused; a walk ends with a reason for every stop where nobody came, or by itself 30 minutes after the shift.

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['patrol_visits', 'patrol_walks'] LOOP
    EXECUTE format('ALTER TABLE %I OWNER TO gis_owner', name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY %I ON %I TO gis_owner USING (true)', name || '_owner', name);
    EXECUTE format('CREATE POLICY %I ON %I FOR SELECT TO gis_app USING (commune_id = acting_commune() AND '
                   'current_setting(''app.role'', true) IN (''admin'', ''data'', ''patrol''))', name || '_read', name);
    EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows()', name || '_audit_rows_insert', name);
    EXECUTE format('CREATE TRIGGER %I AFTER UPDATE ON %I REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows()', name || '_audit_rows_update', name);
    EXECUTE format('CREATE TRIGGER %I AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows()', name || '_audit_rows_delete', name);
  END LOOP;
END
$$;
GRANT SELECT ON patrol_visits, patrol_walks TO gis_app;

-- The moment at which a shift that nobody ended ends by itself.
CREATE FUNCTION patrol_closes_at(shift_on date, end_min integer) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT (shift_on + make_interval(mins => end_min + 30)) AT TIME ZONE 'Asia/Ho_Chi_Minh'
$$;
ALTER FUNCTION patrol_closes_at(date, integer) OWNER TO gis_owner;

-- made, known (the same visit again: longer minutes are taken over), role, missing, draft, stop, other (the number is
-- that of another visit).
CREATE FUNCTION record_patrol_visit(plan bigint, stop bigint, client uuid, seen_at timestamptz, outside boolean,
                                    away integer, stay integer, way text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me integer := acting_commune();
  found patrol_plans%ROWTYPE;
  place patrol_stops%ROWTYPE;
  before patrol_visits%ROWTYPE;
BEGIN
  IF coalesce(current_setting('app.role', true), '') NOT IN ('admin', 'data', 'patrol') THEN
    RETURN 'role';
  END IF;
  SELECT * INTO found FROM patrol_plans AS p WHERE p.id = plan AND p.commune_id = me FOR UPDATE;
  IF found.id IS NULL THEN
    RETURN 'missing';
  ELSIF found.state = 'draft' THEN
    RETURN 'draft';
  END IF;
  SELECT * INTO place FROM patrol_stops AS s WHERE s.id = stop AND s.plan_id = plan AND s.commune_id = me;
  IF place.id IS NULL THEN
    RETURN 'stop';
  END IF;
  SELECT * INTO before FROM patrol_visits AS v WHERE v.commune_id = me AND v.client_id = client;
  IF before.id IS NOT NULL THEN
    IF before.stop_id <> stop THEN
      RETURN 'other';
    END IF;
    UPDATE patrol_visits SET minutes = stay WHERE id = before.id AND stay > coalesce(minutes, -1);
    RETURN 'known';
  END IF;
  -- Somebody was there after all: the phone had no signal when the walk ended.
  DELETE FROM patrol_visits WHERE stop_id = stop AND reason IS NOT NULL;
  INSERT INTO patrol_visits (commune_id, plan_id, stop_id, client_id, device_at, is_outside, distance_m, minutes, method)
  VALUES (me, plan, stop, client, seen_at, outside, away, stay, way);
  UPDATE patrol_walks AS w SET outcome = 'all_done'
  WHERE w.plan_id = plan AND w.team = place.team AND w.outcome = 'missed' AND NOT EXISTS (
    SELECT 1 FROM patrol_visits AS v JOIN patrol_stops AS s ON s.id = v.stop_id
    WHERE v.plan_id = plan AND s.team = place.team AND v.reason IS NOT NULL);
  RETURN 'made';
END
$$;
ALTER FUNCTION record_patrol_visit(bigint, bigint, uuid, timestamptz, boolean, integer, integer, text) OWNER TO gis_owner;

-- Ends a team's walk. `missed`: {stop id: reason} for each stop of the team where nobody came. Once all teams of the
-- plan have ended, the plan is done. ended, known, role, missing, draft, team, reasons (one lacks).
CREATE FUNCTION end_patrol_walk(plan bigint, of_team integer, missed jsonb, seen_at timestamptz) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me integer := acting_commune();
  found patrol_plans%ROWTYPE;
  before patrol_walks%ROWTYPE;
  left_over integer;
BEGIN
  IF coalesce(current_setting('app.role', true), '') NOT IN ('admin', 'data', 'patrol') THEN
    RETURN 'role';
  END IF;
  SELECT * INTO found FROM patrol_plans AS p WHERE p.id = plan AND p.commune_id = me FOR UPDATE;
  IF found.id IS NULL THEN
    RETURN 'missing';
  ELSIF found.state = 'draft' THEN
    RETURN 'draft';
  ELSIF NOT EXISTS (SELECT 1 FROM patrol_stops AS s WHERE s.plan_id = plan AND s.team = of_team) THEN
    RETURN 'team';
  END IF;
  SELECT * INTO before FROM patrol_walks AS w WHERE w.commune_id = me AND w.plan_id = plan AND w.team = of_team;
  IF before.id IS NOT NULL AND before.outcome <> 'unclosed' THEN
    RETURN 'known';
  END IF;
  IF EXISTS (
    SELECT 1 FROM patrol_stops AS s
    WHERE s.plan_id = plan AND s.team = of_team
      AND coalesce(missed ->> s.id::text, 'unclosed') = 'unclosed'
      AND NOT EXISTS (SELECT 1 FROM patrol_visits AS v WHERE v.stop_id = s.id AND v.reason IS NULL)) THEN
    RETURN 'reasons';
  END IF;
  DELETE FROM patrol_visits AS v USING patrol_stops AS s
  WHERE s.id = v.stop_id AND s.plan_id = plan AND s.team = of_team AND v.reason IS NOT NULL;
  INSERT INTO patrol_visits (commune_id, plan_id, stop_id, reason)
  SELECT me, plan, s.id, missed ->> s.id::text FROM patrol_stops AS s
  WHERE s.plan_id = plan AND s.team = of_team
    AND NOT EXISTS (SELECT 1 FROM patrol_visits AS v WHERE v.stop_id = s.id AND v.reason IS NULL);
  GET DIAGNOSTICS left_over = ROW_COUNT;
  INSERT INTO patrol_walks (commune_id, plan_id, team, outcome, device_at)
  VALUES (me, plan, of_team, CASE WHEN left_over = 0 THEN 'all_done' ELSE 'missed' END, seen_at)
  ON CONFLICT (commune_id, plan_id, team) DO UPDATE
    SET outcome = EXCLUDED.outcome, device_at = EXCLUDED.device_at, received_at = clock_timestamp();
  UPDATE patrol_plans SET state = 'done' WHERE id = plan AND state = 'issued' AND NOT EXISTS (
    SELECT 1 FROM patrol_stops AS s WHERE s.plan_id = plan AND s.team IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM patrol_walks AS w WHERE w.plan_id = plan AND w.team = s.team));
  RETURN 'ended';
END
$$;
ALTER FUNCTION end_patrol_walk(bigint, integer, jsonb, timestamptz) OWNER TO gis_owner;

-- Ends the shifts of all communes that are past their end by 30 minutes; how many. Says nothing of whose they are.
CREATE FUNCTION close_patrol_shifts() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  due bigint[];
BEGIN
  SELECT array_agg(p.id) INTO due FROM (
    SELECT id FROM patrol_plans
    WHERE state = 'issued' AND patrol_closes_at(shift_on, end_min) <= clock_timestamp()
    ORDER BY id FOR UPDATE SKIP LOCKED) AS p;
  IF due IS NULL THEN
    RETURN 0;
  END IF;
  INSERT INTO patrol_walks (commune_id, plan_id, team, outcome)
  SELECT DISTINCT s.commune_id, s.plan_id, s.team, 'unclosed' FROM patrol_stops AS s
  WHERE s.plan_id = ANY (due) AND s.team IS NOT NULL
  ON CONFLICT (commune_id, plan_id, team) DO NOTHING;
  INSERT INTO patrol_visits (commune_id, plan_id, stop_id, reason)
  SELECT s.commune_id, s.plan_id, s.id, 'unclosed' FROM patrol_stops AS s
  WHERE s.plan_id = ANY (due) AND s.team IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM patrol_visits AS v WHERE v.stop_id = s.id);
  UPDATE patrol_plans SET state = 'done' WHERE id = ANY (due);
  RETURN cardinality(due);
END
$$;
ALTER FUNCTION close_patrol_shifts() OWNER TO gis_owner;

REVOKE EXECUTE ON FUNCTION record_patrol_visit(bigint, bigint, uuid, timestamptz, boolean, integer, integer, text),
  end_patrol_walk(bigint, integer, jsonb, timestamptz), close_patrol_shifts() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION record_patrol_visit(bigint, bigint, uuid, timestamptz, boolean, integer, integer, text),
  end_patrol_walk(bigint, integer, jsonb, timestamptz), close_patrol_shifts() TO gis_app;
