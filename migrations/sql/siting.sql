-- Siting plans: owners, policies, grants, the log, and the function that alone makes devices of a plan real.

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['siting_plans', 'siting_results', 'siting_devices'] LOOP
    EXECUTE format('ALTER TABLE %I OWNER TO gis_owner', name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY %I ON %I TO gis_owner USING (true)', name || '_owner', name);
    EXECUTE format('CREATE POLICY %I ON %I FOR SELECT TO gis_app USING (commune_id = acting_commune() AND '
                   'current_setting(''app.role'', true) IN (''admin'', ''committee'', ''data'', ''patrol'', ''planner'', '
                   '''supervisor''))', name || '_read', name);
    EXECUTE format('CREATE POLICY %I ON %I FOR INSERT TO gis_app WITH CHECK (commune_id = acting_commune() AND '
                   'current_setting(''app.role'', true) IN (''admin'', ''data'', ''patrol'', ''planner''))',
                   name || '_add', name);
    EXECUTE format('CREATE POLICY %I ON %I FOR UPDATE TO gis_app USING (commune_id = acting_commune() AND '
                   'current_setting(''app.role'', true) IN (''admin'', ''data'', ''patrol'', ''planner''))',
                   name || '_change', name);
    EXECUTE format('CREATE POLICY %I ON %I FOR DELETE TO gis_app USING (commune_id = acting_commune() AND '
                   'current_setting(''app.role'', true) IN (''admin'', ''data'', ''patrol'', ''planner''))',
                   name || '_remove', name);
  END LOOP;
END
$$;

DO $$
DECLARE
  name text;
  log text;
BEGIN
  FOR name, log IN VALUES ('siting_plans', 'audit_shapeless_rows'), ('siting_devices', 'audit_rows') LOOP
    EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION %I()', name || '_audit_rows_insert', name, log);
    EXECUTE format('CREATE TRIGGER %I AFTER UPDATE ON %I REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION %I()', name || '_audit_rows_update', name, log);
    EXECUTE format('CREATE TRIGGER %I AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION %I()', name || '_audit_rows_delete', name, log);
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION touch_row()',
                   name || '_touch', name);
  END LOOP;
END
$$;

-- Which row a device became is written by propose_siting_devices alone.
GRANT SELECT, DELETE, INSERT (commune_id, name, settings), UPDATE (name, settings, settings_version, state)
  ON siting_plans TO gis_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON siting_results TO gis_app;
GRANT SELECT, DELETE,
  INSERT (commune_id, plan_id, kind, geom, azimuth_deg, model, cost_vnd, year, fund, is_locked, is_forbidden, by_hand),
  UPDATE (geom, azimuth_deg, model, cost_vnd, year, fund, is_locked, is_forbidden, by_hand, task_id)
  ON siting_devices TO gis_app;

-- What was given to people as tasks stays as it was given. A plan that is deleted takes its devices along.
CREATE FUNCTION keep_assigned_plan() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM siting_plans AS p
             WHERE p.id = CASE TG_OP WHEN 'INSERT' THEN NEW.plan_id ELSE OLD.plan_id END AND p.state = 'assigned') THEN
    RAISE check_violation USING MESSAGE = 'the plan was assigned', CONSTRAINT = 'siting_devices_assigned';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
ALTER FUNCTION keep_assigned_plan() OWNER TO gis_owner;
CREATE TRIGGER siting_devices_keep BEFORE INSERT OR UPDATE OR DELETE ON siting_devices
  FOR EACH ROW EXECUTE FUNCTION keep_assigned_plan();

-- Every device of a plan that is not refused becomes a proposed row of its layer, whose editors planners are not; the
-- row says what the plan says and nothing else. proposed, role, missing, stale, assigned, running or none.
CREATE FUNCTION propose_siting_devices(plan bigint, seen_version integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me integer := acting_commune();
  found siting_plans%ROWTYPE;
  one record;
  made bigint;
  model jsonb;
BEGIN
  IF coalesce(current_setting('app.role', true), '') NOT IN ('admin', 'data', 'planner') THEN
    RETURN 'role';
  END IF;
  SELECT * INTO found FROM siting_plans AS p WHERE p.id = plan AND p.commune_id = me FOR UPDATE;
  IF found.id IS NULL THEN
    RETURN 'missing';
  ELSIF found.state = 'assigned' THEN
    RETURN 'assigned';
  ELSIF found.version <> seen_version THEN
    RETURN 'stale';
  ELSIF EXISTS (SELECT 1 FROM jobs AS j WHERE j.commune_id = me AND j.kind = 'siting' AND j.state IN ('queued', 'running')
                AND (j.parameters ->> 'plan_id')::bigint = plan) THEN
    RETURN 'running';
  ELSIF NOT EXISTS (SELECT 1 FROM siting_devices AS d WHERE d.plan_id = plan AND NOT d.is_forbidden) THEN
    RETURN 'none';
  END IF;
  FOR one IN SELECT * FROM siting_devices AS d WHERE d.plan_id = plan AND NOT d.is_forbidden ORDER BY d.id LOOP
    SELECT m INTO model FROM jsonb_array_elements(found.settings -> 'models') AS m
    WHERE m ->> 'name' = one.model AND m ->> 'kind' = one.kind;
    IF one.kind = 'camera' THEN
      INSERT INTO cameras (commune_id, external_id, geom, azimuth_deg, fov_deg, pixel_width, has_infrared, kind, state, source)
      VALUES (me, format('DX-%s-%s', plan, one.id), one.geom, one.azimuth_deg, (model ->> 'fov_deg')::double precision,
              (model ->> 'pixel_width')::integer, (model ->> 'has_infrared')::boolean,
              CASE WHEN (model ->> 'fov_deg')::double precision >= 360 THEN 'panoramic' ELSE 'fixed' END, 'proposed', 'siting')
      RETURNING id INTO made;
    ELSE
      INSERT INTO lights (commune_id, external_id, geom, radius_m, state, source)
      VALUES (me, format('DX-%s-%s', plan, one.id), one.geom, (model ->> 'radius_m')::double precision, 'proposed', 'siting')
      RETURNING id INTO made;
    END IF;
    UPDATE siting_devices SET feature_layer = CASE one.kind WHEN 'camera' THEN 'cameras' ELSE 'lights' END, feature_id = made
    WHERE id = one.id;
  END LOOP;
  RETURN 'proposed';
END
$$;
ALTER FUNCTION propose_siting_devices(bigint, integer) OWNER TO gis_owner;
REVOKE EXECUTE ON FUNCTION propose_siting_devices(bigint, integer), keep_assigned_plan() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION propose_siting_devices(bigint, integer) TO gis_app;
