-- Notices: written when a task is given, changed or cancelled, by a reminder, or by who leads. Read by a role or unit.

CREATE POLICY notices_read ON notices FOR SELECT TO gis_app USING (commune_id = acting_commune()
  AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'patrol', 'planner', 'supervisor')
  AND (role = current_setting('app.role', true) OR unit_id = ANY ((SELECT acting_units())::bigint[])));
CREATE POLICY notices_add ON notices FOR INSERT TO gis_app WITH CHECK (commune_id = acting_commune()
  AND kind IN ('instruction', 'proposal_decided')
  AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'planner'));
GRANT SELECT (id, commune_id, kind, role, unit_id, group_id, task_id, body, created_at),
  INSERT (commune_id, kind, role, unit_id, group_id, body) ON notices TO gis_app;

CREATE POLICY notice_reads_own ON notice_reads TO gis_app
  USING (username = current_setting('app.username', true)
         AND EXISTS (SELECT 1 FROM notices AS n WHERE n.id = notice_id));
GRANT SELECT, INSERT (notice_id, username) ON notice_reads TO gis_app;

CREATE POLICY reminders_read ON reminders FOR SELECT TO gis_app USING (commune_id = acting_commune()
  AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'planner', 'supervisor'));
GRANT SELECT (id, commune_id, group_id, task_id, on_day) ON reminders TO gis_app;

-- The holder hears of a task, of every change of it, and of its end without result.
CREATE FUNCTION tell_of_task() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  word text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    word := CASE WHEN NEW.state = 'open' THEN 'task_given' END;
  ELSIF NEW.state = 'cancelled' AND OLD.state = 'open' THEN
    word := 'task_cancelled';
  ELSIF NEW.state = 'open' AND (NEW.holder_role, NEW.holder_unit_id) IS DISTINCT FROM
                               (OLD.holder_role, OLD.holder_unit_id) THEN
    word := 'task_given';
    INSERT INTO notices (commune_id, kind, role, unit_id, task_id)
    VALUES (OLD.commune_id, 'task_changed', OLD.holder_role, OLD.holder_unit_id, OLD.id);
  ELSIF NEW.state = 'open' AND (NEW.title, NEW.responsibility, NEW.due_on) IS DISTINCT FROM
                               (OLD.title, OLD.responsibility, OLD.due_on) THEN
    word := 'task_changed';
  END IF;
  IF word IS NOT NULL THEN
    INSERT INTO notices (commune_id, kind, role, unit_id, task_id)
    VALUES (NEW.commune_id, word, NEW.holder_role, NEW.holder_unit_id, NEW.id);
  END IF;
  RETURN NULL;
END
$$;
ALTER FUNCTION tell_of_task() OWNER TO gis_owner;
CREATE TRIGGER tasks_tell AFTER INSERT OR UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION tell_of_task();

-- The unit in charge of a group on a day; NULL: none.
CREATE FUNCTION unit_in_charge(wanted_group bigint, on_day date) RETURNS bigint
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT u.unit_id FROM group_units AS u WHERE u.group_id = wanted_group AND u.from_on <= on_day
  ORDER BY u.from_on DESC LIMIT 1
$$;
ALTER FUNCTION unit_in_charge(bigint, date) OWNER TO gis_owner;

-- A group is due for review where a criterion is open or the last review is more than 31 days old.
CREATE FUNCTION is_review_overdue(answers text[], reviewed_on date) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT 'not_reviewed' = ANY (answers) OR reviewed_on IS NULL OR reviewed_on < vietnam_today() - 31
$$;
ALTER FUNCTION is_review_overdue(text[], date) OWNER TO gis_owner;

-- Remind of an overdue task or review: once a day, whoever asks. It reaches the holder, or the unit in charge; where a
-- unit has no account, or a group no unit, the data officer, who passes it on.
CREATE FUNCTION remind(wanted_group bigint, wanted_task bigint, OUT outcome text, OUT to_unit bigint, OUT to_role text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  here integer := acting_commune();
  one_task tasks%ROWTYPE;
  one_group groups%ROWTYPE;
  made bigint;
BEGIN
  IF coalesce(current_setting('app.role', true), '') NOT IN ('admin', 'committee', 'data', 'planner') THEN
    outcome := 'role';
    RETURN;
  END IF;
  IF wanted_task IS NOT NULL THEN
    SELECT * INTO one_task FROM tasks AS t WHERE t.id = wanted_task AND t.commune_id = here;
    to_unit := one_task.holder_unit_id;
    to_role := one_task.holder_role;
    outcome := CASE WHEN one_task.id IS NULL THEN 'missing'
                    WHEN one_task.state <> 'open' OR one_task.due_on >= vietnam_today() THEN 'not_overdue' END;
  ELSE
    SELECT * INTO one_group FROM present_groups(here) AS g WHERE g.id = wanted_group;
    to_unit := unit_in_charge(wanted_group, vietnam_today());
    outcome := CASE WHEN one_group.id IS NULL THEN 'missing'
                    WHEN NOT is_review_overdue(ARRAY[one_group.users_answer, one_group.offenders_answer,
                                                          one_group.places_answer], one_group.last_reviewed_on) THEN 'not_overdue' END;
  END IF;
  IF outcome IS NOT NULL THEN
    to_unit := NULL;
    to_role := NULL;
    RETURN;
  END IF;
  -- Two at once wait for each other at the unique key.
  INSERT INTO reminders (commune_id, group_id, task_id, on_day)
  VALUES (here, CASE WHEN wanted_task IS NULL THEN wanted_group END, wanted_task, vietnam_today())
  ON CONFLICT DO NOTHING RETURNING id INTO made;
  IF made IS NULL THEN
    outcome := 'already';
    RETURN;
  END IF;
  outcome := 'reminded';
  IF to_unit IS NOT NULL THEN
    INSERT INTO notices (commune_id, kind, unit_id, group_id, task_id)
    VALUES (here, 'reminder', to_unit, CASE WHEN wanted_task IS NULL THEN wanted_group END, wanted_task);
  END IF;
  IF to_role IS NULL AND NOT EXISTS (SELECT 1 FROM unit_members AS m WHERE m.unit_id = to_unit) THEN
    to_role := 'data';
  END IF;
  IF to_role IS NOT NULL THEN
    INSERT INTO notices (commune_id, kind, role, group_id, task_id)
    VALUES (here, 'reminder', to_role, CASE WHEN wanted_task IS NULL THEN wanted_group END, wanted_task);
  END IF;
END
$$;
ALTER FUNCTION remind(bigint, bigint) OWNER TO gis_owner;

REVOKE EXECUTE ON FUNCTION remind(bigint, bigint), tell_of_task() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION remind(bigint, bigint) TO gis_app;
