-- What a task can be measured by: a function task_measure_<code>(task) each, a file of gis_app/queries/task_measures
-- describes it. Each looks at the task's own commune alone, since close_task calls it with the owner's rights.

-- The groups of a commune that are there today: close_task sees what is history too.
CREATE FUNCTION present_groups(commune integer) RETURNS SETOF groups LANGUAGE sql STABLE AS $$
  SELECT g.* FROM groups AS g WHERE g.commune_id = commune AND (g.valid_to IS NULL OR g.valid_to > vietnam_today())
$$;

-- Stages in the order of the programme; a lapsed group stands nowhere.
CREATE FUNCTION task_stage_rank(stage text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(array_position(ARRAY['cleaning', 'building', 'proposed', 'recognised', 'maintained'], stage), 0)
$$;

CREATE FUNCTION task_measure_group_stage(task tasks) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT task_stage_rank(g.stage) FROM present_groups(task.commune_id) AS g WHERE g.id = task.group_id
$$;

CREATE FUNCTION task_measure_criterion_met(task tasks) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT (CASE task.options ->> 'criterion' WHEN 'users' THEN g.users_answer WHEN 'offenders' THEN g.offenders_answer
          WHEN 'places' THEN g.places_answer END = 'met'
          AND CASE task.options ->> 'criterion' WHEN 'users' THEN g.users_on WHEN 'offenders' THEN g.offenders_on
              WHEN 'places' THEN g.places_on END BETWEEN period_start(vietnam_today()) AND vietnam_today())::int
  FROM present_groups(task.commune_id) AS g WHERE g.id = task.group_id
$$;

-- How many of the three criteria were reviewed since a day; a day to come is no review.
CREATE FUNCTION task_measure_criteria_reviewed(task tasks) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT count(*) FILTER (WHERE c.answer <> 'not_reviewed'
                          AND c.reviewed_on BETWEEN (task.options ->> 'from_on')::date AND vietnam_today())
  FROM present_groups(task.commune_id) AS g
  CROSS JOIN LATERAL (VALUES (g.users_answer, g.users_on), (g.offenders_answer, g.offenders_on),
                             (g.places_answer, g.places_on)) AS c (answer, reviewed_on)
  WHERE g.id = task.group_id
$$;

CREATE FUNCTION task_measure_tip_box_working(task tasks) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT count(*) FROM present_groups(task.commune_id) AS g
  JOIN tip_boxes AS b ON b.commune_id = g.commune_id AND b.state = 'working' AND ST_Intersects(g.geom, b.geom)
  WHERE g.id = task.group_id
$$;

CREATE FUNCTION task_measure_board_complete(task tasks) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT count(*) FROM present_groups(task.commune_id) AS g
  JOIN notice_boards AS b ON b.commune_id = g.commune_id AND b.state = 'working'
    AND b.has_commune_police AND b.has_pc04 AND b.has_c04 AND ST_Intersects(g.geom, b.geom)
  WHERE g.id = task.group_id
$$;

-- Per cent of the lamps that stand in the group, cut to a tenth: 94.96 is not yet 95. Without a lamp none works.
CREATE FUNCTION task_measure_lights_working(task tasks) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT floor(1000.0 * count(*) FILTER (WHERE l.state = 'working') / nullif(count(*), 0)) / 10
  FROM present_groups(task.commune_id) AS g
  JOIN lights AS l ON l.commune_id = g.commune_id AND l.state IN ('working', 'broken') AND ST_Intersects(g.geom, l.geom)
  WHERE g.id = task.group_id
$$;

CREATE FUNCTION task_measure_pledge_signed(task tasks) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT count(*) FROM (
    SELECT 1 FROM schools AS s WHERE task.feature_layer = 'schools' AND s.id = task.feature_id
      AND s.commune_id = task.commune_id AND s.has_pledge
    UNION ALL
    SELECT 1 FROM venues AS v WHERE task.feature_layer = 'venues' AND v.id = task.feature_id
      AND v.commune_id = task.commune_id AND v.has_pledge) AS pledged
$$;

CREATE FUNCTION task_measure_venue_checked(task tasks) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT count(*) FROM venues AS v
  WHERE task.feature_layer = 'venues' AND v.id = task.feature_id AND v.commune_id = task.commune_id
    AND v.last_checked_on BETWEEN (task.options ->> 'from_on')::date AND vietnam_today()
$$;

-- Groups of the commune that have what an indicator asks for.
CREATE FUNCTION task_measure_commune_indicator(task tasks) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT count(*) FROM present_groups(task.commune_id) AS g
  WHERE CASE task.options ->> 'indicator'
    WHEN 'tip_box' THEN EXISTS (SELECT 1 FROM tip_boxes AS b WHERE b.commune_id = g.commune_id AND b.state = 'working'
                                AND ST_Intersects(g.geom, b.geom))
    WHEN 'board' THEN EXISTS (SELECT 1 FROM notice_boards AS b WHERE b.commune_id = g.commune_id AND b.state = 'working'
                              AND b.has_commune_police AND b.has_pc04 AND b.has_c04 AND ST_Intersects(g.geom, b.geom))
    WHEN 'achieved' THEN g.stage IN ('recognised', 'maintained')
    WHEN 'reviewed' THEN 'not_reviewed' NOT IN (g.users_answer, g.offenders_answer, g.places_answer)
      AND least(g.users_on, g.offenders_on, g.places_on) >= period_start(vietnam_today())
    ELSE false END
$$;

DO $$
DECLARE
  function regprocedure;
BEGIN
  FOR function IN SELECT p.oid FROM pg_proc AS p
                  WHERE p.proname LIKE 'task\_measure\_%' OR p.proname IN ('task_stage_rank', 'present_groups') LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO gis_owner', function);
  END LOOP;
END
$$;
