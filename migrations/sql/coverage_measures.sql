-- Coverage as a measure of tasks (migrations/sql/task_measures.sql). Each looks at the task's own commune alone.

-- Per cent of the street length in the group that working devices see by night or by day (at detection level), or light;
-- cut to a tenth. NULL while something has changed that is not computed yet: no task closes on figures of before.
-- `covered` stands in the order of gis_app/analysis/coverage.py, INDEX.
CREATE FUNCTION task_measure_group_coverage(task tasks) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT floor(1000.0 * (sum(f.covered[CASE task.options ->> 'figure'
           WHEN 'street_day' THEN 2 WHEN 'street_night' THEN 14 WHEN 'street_lit' THEN 26 END])
         / nullif(sum(f.total), 0))::numeric + 1e-9) / 10
  FROM coverage_figures AS f
  WHERE f.commune_id = task.commune_id AND f.kind = 'group_street' AND f.unit = task.group_id::text
    AND EXISTS (SELECT 1 FROM present_groups(task.commune_id) AS g WHERE g.id = task.group_id)
    AND NOT EXISTS (SELECT 1 FROM coverage_dirty AS d WHERE d.commune_id = task.commune_id)
$$;
ALTER FUNCTION task_measure_group_coverage(tasks) OWNER TO gis_owner;

-- The camera or lamp works, was looked at on site since the task was given, and coverage has been computed with it.
CREATE FUNCTION task_measure_device_installed(task tasks) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN EXISTS (SELECT 1 FROM coverage_dirty AS k WHERE k.commune_id = task.commune_id) THEN NULL
              ELSE count(*) END FROM (
    SELECT c.state, c.verified_on FROM cameras AS c
    WHERE task.feature_layer = 'cameras' AND c.id = task.feature_id AND c.commune_id = task.commune_id
    UNION ALL
    SELECT l.state, l.verified_on FROM lights AS l
    WHERE task.feature_layer = 'lights' AND l.id = task.feature_id AND l.commune_id = task.commune_id) AS d
  WHERE d.state = 'working'
    AND d.verified_on BETWEEN (task.created_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AND vietnam_today()
$$;
ALTER FUNCTION task_measure_device_installed(tasks) OWNER TO gis_owner;
