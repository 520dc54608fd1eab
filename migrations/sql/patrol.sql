-- Patrol: owners, policies, grants, the log, and what holds against any query: an issued plan stays as it was issued,
-- and none is issued whose team would be longer on its way than the shift, come after a stop's hours or lack the police.

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['patrol_weights', 'patrol_plans', 'patrol_stops', 'patrol_routes'] LOOP
    EXECUTE format('ALTER TABLE %I OWNER TO gis_owner', name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY %I ON %I TO gis_owner USING (true)', name || '_owner', name);
    -- Stops are hotspots and where the police will be: the police alone.
    EXECUTE format('CREATE POLICY %I ON %I FOR SELECT TO gis_app USING (commune_id = acting_commune() AND '
                   'current_setting(''app.role'', true) IN (''admin'', ''data'', ''patrol''))', name || '_read', name);
    EXECUTE format('CREATE POLICY %I ON %I FOR INSERT TO gis_app WITH CHECK (commune_id = acting_commune() AND '
                   'current_setting(''app.role'', true) IN (''admin'', ''data'', ''patrol''))', name || '_add', name);
    CONTINUE WHEN name = 'patrol_weights';
    EXECUTE format('CREATE POLICY %I ON %I FOR UPDATE TO gis_app USING (commune_id = acting_commune() AND '
                   'current_setting(''app.role'', true) IN (''admin'', ''data'', ''patrol''))', name || '_change', name);
    EXECUTE format('CREATE POLICY %I ON %I FOR DELETE TO gis_app USING (commune_id = acting_commune() AND '
                   'current_setting(''app.role'', true) IN (''admin'', ''data'', ''patrol''))', name || '_remove', name);
  END LOOP;
END
$$;

-- Of a plan people change settings, choice and state; stops and routes are the machine's.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['patrol_weights', 'patrol_plans'] LOOP
    EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows()', name || '_audit_rows_insert', name);
    CONTINUE WHEN name = 'patrol_weights';
    EXECUTE format('CREATE TRIGGER %I AFTER UPDATE ON %I REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows()', name || '_audit_rows_update', name);
    EXECUTE format('CREATE TRIGGER %I AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows()', name || '_audit_rows_delete', name);
  END LOOP;
END
$$;
CREATE TRIGGER patrol_plans_touch BEFORE UPDATE ON patrol_plans FOR EACH ROW EXECUTE FUNCTION touch_row();

GRANT SELECT, INSERT (commune_id, version, weights) ON patrol_weights TO gis_app;
GRANT SELECT, DELETE, INSERT (commune_id, shift_on, start_min, end_min, settings, weights_version),
  UPDATE (shift_on, start_min, end_min, settings, settings_version, weights_version, solved_version, figures, chosen,
          draw_seed)
  ON patrol_plans TO gis_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON patrol_stops, patrol_routes TO gis_app;

-- Once issued a plan is what the teams have on paper: only its state goes on, and nothing of it is taken away but by
-- retention (as gis_owner).
CREATE FUNCTION keep_issued_plan() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'draft' AND current_user <> 'gis_owner' THEN
    RAISE check_violation USING MESSAGE = 'the plan was issued', CONSTRAINT = 'patrol_plans_issued';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
ALTER FUNCTION keep_issued_plan() OWNER TO gis_owner;
CREATE TRIGGER patrol_plans_keep BEFORE UPDATE OR DELETE ON patrol_plans
  FOR EACH ROW EXECUTE FUNCTION keep_issued_plan();

CREATE FUNCTION keep_issued_rows() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF current_user <> 'gis_owner' AND EXISTS (
    SELECT 1 FROM patrol_plans AS p
    WHERE p.id IN (CASE WHEN TG_OP = 'INSERT' THEN NEW.plan_id ELSE OLD.plan_id END,
                   CASE WHEN TG_OP = 'DELETE' THEN OLD.plan_id ELSE NEW.plan_id END) AND p.state <> 'draft') THEN
    RAISE check_violation USING MESSAGE = 'the plan was issued', CONSTRAINT = 'patrol_plans_issued';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
ALTER FUNCTION keep_issued_rows() OWNER TO gis_owner;
CREATE TRIGGER patrol_stops_keep BEFORE INSERT OR UPDATE OR DELETE ON patrol_stops
  FOR EACH ROW EXECUTE FUNCTION keep_issued_rows();
CREATE TRIGGER patrol_routes_keep BEFORE INSERT OR UPDATE OR DELETE ON patrol_routes
  FOR EACH ROW EXECUTE FUNCTION keep_issued_rows();

-- issued, role, missing, not_draft, stale, running, none (no alternative is chosen), old (settings have changed since
-- the routes were made), must (a pinned stop is in no route), over (a team is longer on its way than the shift),
-- force (a stop that needs the police is a team's that has none), late (a stop is reached after its hours).
CREATE FUNCTION issue_patrol_plan(plan bigint, seen_version integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me integer := acting_commune();
  found patrol_plans%ROWTYPE;
BEGIN
  IF coalesce(current_setting('app.role', true), '') NOT IN ('admin', 'data', 'patrol') THEN
    RETURN 'role';
  END IF;
  SELECT * INTO found FROM patrol_plans AS p WHERE p.id = plan AND p.commune_id = me FOR UPDATE;
  IF found.id IS NULL THEN
    RETURN 'missing';
  ELSIF found.state <> 'draft' THEN
    RETURN 'not_draft';
  ELSIF found.version <> seen_version THEN
    RETURN 'stale';
  ELSIF EXISTS (SELECT 1 FROM jobs AS j WHERE j.commune_id = me AND j.kind = 'patrol' AND j.state IN ('queued', 'running')
                AND (j.parameters ->> 'plan_id')::bigint = plan) THEN
    RETURN 'running';
  ELSIF found.chosen IS NULL
        OR NOT EXISTS (SELECT 1 FROM patrol_stops AS s WHERE s.plan_id = plan AND s.team IS NOT NULL) THEN
    RETURN 'none';
  ELSIF found.solved_version IS DISTINCT FROM found.settings_version THEN
    RETURN 'old';
  ELSIF EXISTS (SELECT 1 FROM patrol_stops AS s WHERE s.plan_id = plan AND s.is_pinned AND s.team IS NULL) THEN
    RETURN 'must';
  ELSIF EXISTS (SELECT 1 FROM patrol_routes AS r WHERE r.plan_id = plan AND r.alternative = found.chosen
                AND r.duration_s > (found.end_min - found.start_min) * 60 + 0.5) THEN
    RETURN 'over';
  ELSIF EXISTS (SELECT 1 FROM patrol_stops AS s WHERE s.plan_id = plan AND s.police_only
                AND found.settings #>> ARRAY['teams', (s.team - 1)::text, 'force'] = 'security') THEN
    RETURN 'force';
  ELSIF EXISTS (SELECT 1 FROM patrol_routes AS r
                CROSS JOIN LATERAL jsonb_to_recordset(r.stops) AS met (id bigint, begin_s double precision)
                JOIN patrol_stops AS s ON s.plan_id = plan AND s.id = met.id
                WHERE r.plan_id = plan AND r.alternative = found.chosen
                AND met.begin_s > greatest(s.close_min - found.start_min, 0) * 60 + 0.5 AND s.close_min IS NOT NULL) THEN
    RETURN 'late';
  END IF;
  UPDATE patrol_plans SET state = 'issued', issued_at = clock_timestamp() WHERE id = plan;
  RETURN 'issued';
END
$$;
ALTER FUNCTION issue_patrol_plan(bigint, integer) OWNER TO gis_owner;

-- done, role, missing, not_issued.
CREATE FUNCTION close_patrol_plan(plan bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me integer := acting_commune();
  now_state text;
BEGIN
  IF coalesce(current_setting('app.role', true), '') NOT IN ('admin', 'data', 'patrol') THEN
    RETURN 'role';
  END IF;
  SELECT p.state INTO now_state FROM patrol_plans AS p WHERE p.id = plan AND p.commune_id = me FOR UPDATE;
  IF now_state IS NULL THEN
    RETURN 'missing';
  ELSIF now_state <> 'issued' THEN
    RETURN 'not_issued';
  END IF;
  UPDATE patrol_plans SET state = 'done' WHERE id = plan;
  RETURN 'done';
END
$$;
ALTER FUNCTION close_patrol_plan(bigint) OWNER TO gis_owner;

-- Where the police were is of no use after a year; what a hotspot was called goes with the hotspot (90 days).
CREATE FUNCTION delete_old_patrol_plans() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE patrol_stops AS s SET title = '' FROM patrol_plans AS p
  WHERE p.id = s.plan_id AND p.shift_on < vietnam_today() - 90 AND s.kind = 'hotspot' AND s.title <> '';
  WITH gone AS (DELETE FROM patrol_plans WHERE shift_on < vietnam_today() - 365 RETURNING 1) SELECT count(*) FROM gone
$$;
ALTER FUNCTION delete_old_patrol_plans() OWNER TO gis_owner;

REVOKE EXECUTE ON FUNCTION issue_patrol_plan(bigint, integer), close_patrol_plan(bigint), delete_old_patrol_plans(),
  keep_issued_plan(), keep_issued_rows() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION issue_patrol_plan(bigint, integer), close_patrol_plan(bigint), delete_old_patrol_plans()
  TO gis_app;
