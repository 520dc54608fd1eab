-- Tasks, meetings, comments, units: owners, policies, grants, and the functions that alone close or cancel a task.

-- The log of rows whose shape does not matter, or that have none: as audit_rows(), which needs a column geom.
CREATE FUNCTION audit_shapeless_rows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me text := coalesce(current_setting('app.role', true), '');
  who text := coalesce(current_setting('app.username', true), '');
BEGIN
  IF me = 'system' THEN
    RETURN NULL;
  ELSIF TG_OP = 'INSERT' THEN
    INSERT INTO audit_entries (commune_id, role, username, action, table_name, row_id, after)
    SELECT n.commune_id, me, who, 'insert', TG_TABLE_NAME, n.id, to_jsonb(n) - 'geom' FROM new_rows AS n;
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO audit_entries (commune_id, role, username, action, table_name, row_id, before, after)
    SELECT n.commune_id, me, who, 'update', TG_TABLE_NAME, n.id, to_jsonb(o) - 'geom', to_jsonb(n) - 'geom'
    FROM new_rows AS n JOIN old_rows AS o USING (id);
  ELSE
    INSERT INTO audit_entries (commune_id, role, username, action, table_name, row_id, before)
    SELECT o.commune_id, me, who, 'delete', TG_TABLE_NAME, o.id, to_jsonb(o) - 'geom' FROM old_rows AS o;
  END IF;
  RETURN NULL;
END
$$;
ALTER FUNCTION audit_shapeless_rows() OWNER TO gis_owner;
REVOKE EXECUTE ON FUNCTION audit_shapeless_rows() FROM PUBLIC;

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['units', 'unit_members', 'group_units', 'meetings', 'tasks', 'comments', 'reminders',
                              'notices', 'notice_reads'] LOOP
    EXECUTE format('ALTER TABLE %I OWNER TO gis_owner', name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY %I ON %I TO gis_owner USING (true)', name || '_owner', name);
    CONTINUE WHEN name = 'notice_reads';
    EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows()', name || '_audit_rows_insert', name);
    EXECUTE format('CREATE TRIGGER %I AFTER UPDATE ON %I REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows()', name || '_audit_rows_update', name);
    EXECUTE format('CREATE TRIGGER %I AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows()', name || '_audit_rows_delete', name);
  END LOOP;
END
$$;

CREATE FUNCTION acting_commune() RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT nullif(current_setting('app.commune_id', true), '')::int $$;
ALTER FUNCTION acting_commune() OWNER TO gis_owner;

-- The units for which the acting account works.
CREATE FUNCTION acting_units() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(array_agg(m.unit_id), '{}') FROM unit_members AS m
  WHERE m.commune_id = acting_commune() AND m.username = current_setting('app.username', true)
$$;
ALTER FUNCTION acting_units() OWNER TO gis_owner;

-- A row that names a group names one of its own commune; an account that acts for a unit is of the unit's commune.
CREATE FUNCTION check_group_commune() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.group_id IS NOT NULL AND NOT EXISTS
     (SELECT 1 FROM groups AS g WHERE g.id = NEW.group_id AND g.commune_id = NEW.commune_id
      AND (g.valid_to IS NULL OR g.valid_to > vietnam_today())) THEN
    RAISE foreign_key_violation USING MESSAGE = 'no such group', CONSTRAINT = TG_TABLE_NAME || '_group_commune';
  END IF;
  RETURN NEW;
END
$$;
ALTER FUNCTION check_group_commune() OWNER TO gis_owner;
CREATE TRIGGER group_units_group BEFORE INSERT OR UPDATE OF group_id ON group_units
  FOR EACH ROW EXECUTE FUNCTION check_group_commune();
CREATE TRIGGER tasks_group BEFORE INSERT OR UPDATE OF group_id ON tasks
  FOR EACH ROW EXECUTE FUNCTION check_group_commune();
CREATE TRIGGER comments_group BEFORE INSERT ON comments FOR EACH ROW EXECUTE FUNCTION check_group_commune();
CREATE TRIGGER notices_group BEFORE INSERT ON notices FOR EACH ROW EXECUTE FUNCTION check_group_commune();

CREATE FUNCTION check_member_commune() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM accounts AS a WHERE a.username = NEW.username AND a.commune_id = NEW.commune_id) THEN
    RAISE foreign_key_violation USING MESSAGE = 'no such account', CONSTRAINT = 'unit_members_account';
  END IF;
  RETURN NEW;
END
$$;
ALTER FUNCTION check_member_commune() OWNER TO gis_owner;
CREATE TRIGGER unit_members_account BEFORE INSERT ON unit_members FOR EACH ROW EXECUTE FUNCTION check_member_commune();

-- A task on a school or venue stands where that stands; a task at a point belongs to the group around it.
CREATE FUNCTION place_task() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  spot geometry;
BEGIN
  IF NEW.feature_layer IS NOT NULL THEN
    EXECUTE format('SELECT geom FROM %I WHERE id = $1 AND commune_id = $2', NEW.feature_layer)
      INTO spot USING NEW.feature_id, NEW.commune_id;
    IF spot IS NULL THEN
      RAISE foreign_key_violation USING MESSAGE = 'no such feature', CONSTRAINT = 'tasks_feature_commune';
    END IF;
    NEW.geom := spot;
  END IF;
  IF NEW.group_id IS NULL AND NEW.geom IS NOT NULL THEN
    SELECT g.id INTO NEW.group_id FROM groups AS g
    WHERE g.commune_id = NEW.commune_id AND (g.valid_to IS NULL OR g.valid_to > vietnam_today())
      AND ST_Intersects(g.geom, NEW.geom) ORDER BY g.id LIMIT 1;
  END IF;
  IF to_regprocedure('task_measure_' || NEW.measure || '(tasks)') IS NULL THEN
    RAISE check_violation USING MESSAGE = 'no such measure', CONSTRAINT = 'tasks_measure_choice';
  END IF;
  RETURN NEW;
END
$$;
ALTER FUNCTION place_task() OWNER TO gis_owner;
CREATE TRIGGER tasks_place BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION place_task();
CREATE TRIGGER tasks_touch BEFORE UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION touch_row();
CREATE TRIGGER units_touch BEFORE UPDATE ON units FOR EACH ROW EXECUTE FUNCTION touch_row();

-- What the measure of a task answers now. Who asks needs no more than to read the layers.
CREATE FUNCTION task_value(task tasks) RETURNS numeric
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  found numeric;
BEGIN
  EXECUTE format('SELECT %I($1)', 'task_measure_' || task.measure) INTO found USING task;
  RETURN coalesce(found, 0);
END
$$;
ALTER FUNCTION task_value(tasks) OWNER TO gis_owner;

-- Close: the holder's role or unit, or the data officer; only where the measure, asked again now, is reached.
CREATE FUNCTION close_task(task_id bigint, seen_version integer, OUT outcome text, OUT measured numeric)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me text := coalesce(current_setting('app.role', true), '');
  found tasks%ROWTYPE;
BEGIN
  SELECT * INTO found FROM tasks AS t WHERE t.id = task_id AND t.commune_id = acting_commune() FOR UPDATE;
  IF found.id IS NULL OR me NOT IN ('admin', 'committee', 'data', 'patrol', 'planner') THEN
    outcome := 'missing';
  ELSIF NOT (me IN ('admin', 'data') OR coalesce(found.holder_role = me, false)
             OR coalesce(found.holder_unit_id = ANY (acting_units()), false)) THEN
    -- A patrol sees no task of others.
    outcome := CASE WHEN me = 'patrol' THEN 'missing' ELSE 'not_holder' END;
  ELSIF found.version <> seen_version THEN
    outcome := 'stale';
  ELSIF found.state <> 'open' THEN
    outcome := 'closed_before';
  ELSE
    measured := task_value(found);
    IF measured < found.wanted THEN
      outcome := 'not_reached';
    ELSE
      UPDATE tasks AS t SET state = 'done', closed_at = now(), closed_value = measured WHERE t.id = found.id;
      outcome := 'closed';
    END IF;
  END IF;
END
$$;
ALTER FUNCTION close_task(bigint, integer) OWNER TO gis_owner;

CREATE FUNCTION cancel_task(task_id bigint, seen_version integer, reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  found tasks%ROWTYPE;
BEGIN
  IF coalesce(current_setting('app.role', true), '') NOT IN ('admin', 'committee') THEN
    RETURN 'role';
  END IF;
  SELECT * INTO found FROM tasks AS t WHERE t.id = task_id AND t.commune_id = acting_commune() FOR UPDATE;
  IF found.id IS NULL THEN
    RETURN 'missing';
  ELSIF found.version <> seen_version THEN
    RETURN 'stale';
  ELSIF found.state <> 'open' THEN
    RETURN 'closed_before';
  END IF;
  UPDATE tasks AS t SET state = 'cancelled', closed_at = now(), cancel_reason = reason WHERE t.id = found.id;
  RETURN 'cancelled';
END
$$;
ALTER FUNCTION cancel_task(bigint, integer, text) OWNER TO gis_owner;

-- Policies. Staff reads; the patrol its own tasks alone.
CREATE POLICY units_read ON units FOR SELECT TO gis_app USING (commune_id = acting_commune()
  AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'patrol', 'planner', 'supervisor'));
CREATE POLICY units_add ON units FOR INSERT TO gis_app WITH CHECK (commune_id = acting_commune()
  AND current_setting('app.role', true) IN ('admin', 'committee', 'data'));
CREATE POLICY units_change ON units FOR UPDATE TO gis_app USING (commune_id = acting_commune()
  AND current_setting('app.role', true) IN ('admin', 'committee', 'data'));
GRANT SELECT, INSERT (commune_id, name, kind), UPDATE (name, kind, is_active) ON units TO gis_app;

CREATE POLICY unit_members_admin ON unit_members TO gis_app USING (commune_id = acting_commune()
  AND current_setting('app.role', true) = 'admin');
GRANT SELECT, INSERT (commune_id, unit_id, username), DELETE ON unit_members TO gis_app;

CREATE POLICY group_units_read ON group_units FOR SELECT TO gis_app USING (commune_id = acting_commune()
  AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'patrol', 'planner', 'supervisor'));
CREATE POLICY group_units_add ON group_units FOR INSERT TO gis_app WITH CHECK (commune_id = acting_commune()
  AND current_setting('app.role', true) IN ('admin', 'committee', 'data'));
CREATE POLICY group_units_change ON group_units FOR UPDATE TO gis_app USING (commune_id = acting_commune()
  AND current_setting('app.role', true) IN ('admin', 'committee', 'data'));
GRANT SELECT, INSERT (commune_id, group_id, unit_id, from_on), UPDATE (unit_id) ON group_units TO gis_app;

CREATE POLICY meetings_read ON meetings FOR SELECT TO gis_app USING (commune_id = acting_commune()
  AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'patrol', 'planner', 'supervisor'));
CREATE POLICY meetings_add ON meetings FOR INSERT TO gis_app WITH CHECK (commune_id = acting_commune()
  AND current_setting('app.role', true) IN ('admin', 'committee', 'data'));
GRANT SELECT, INSERT (commune_id, held_on, title, kind) ON meetings TO gis_app;

CREATE POLICY tasks_read ON tasks FOR SELECT TO gis_app USING (commune_id = acting_commune()
  AND (current_setting('app.role', true) IN ('admin', 'committee', 'data', 'planner', 'supervisor')
       OR current_setting('app.role', true) = 'patrol'
          AND (holder_role = 'patrol' OR holder_unit_id = ANY ((SELECT acting_units())::bigint[]))));
CREATE POLICY tasks_add ON tasks FOR INSERT TO gis_app WITH CHECK (commune_id = acting_commune() AND state = 'open'
  AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'planner'));
CREATE POLICY tasks_change ON tasks FOR UPDATE TO gis_app USING (commune_id = acting_commune() AND state = 'open'
  AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'planner'));
-- The measure of a task never changes: who wants another result cancels and makes another task.
GRANT SELECT,
  INSERT (commune_id, title, holder_role, holder_unit_id, responsibility, due_on, measure, options, wanted, group_id,
          feature_layer, feature_id, geom, source, meeting_id),
  UPDATE (title, holder_role, holder_unit_id, responsibility, due_on) ON tasks TO gis_app;

-- A comment on a task is for who may read the task.
CREATE POLICY comments_read ON comments FOR SELECT TO gis_app USING (commune_id = acting_commune()
  AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'patrol', 'planner', 'supervisor')
  AND (task_id IS NULL OR EXISTS (SELECT 1 FROM tasks AS t WHERE t.id = task_id)));
CREATE POLICY comments_add ON comments FOR INSERT TO gis_app WITH CHECK (commune_id = acting_commune()
  AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'patrol', 'planner')
  AND (task_id IS NULL OR EXISTS (SELECT 1 FROM tasks AS t WHERE t.id = task_id)));
GRANT SELECT, INSERT (commune_id, group_id, task_id, body) ON comments TO gis_app;

REVOKE EXECUTE ON FUNCTION acting_units(), close_task(bigint, integer), cancel_task(bigint, integer, text),
  check_group_commune(), check_member_commune(), place_task() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION acting_units(), close_task(bigint, integer), cancel_task(bigint, integer, text) TO gis_app;
