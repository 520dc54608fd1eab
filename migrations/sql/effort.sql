-- Effort of patrols: sums that the committee too may read, the share of streets, and who is in a shared strip when.
-- Sums of the own commune alone, of all teams; no place, no route, no track.

-- Of every place that was on the list of an issued shift of the period: the last day on which a team was there (in the
-- 90 days before the period too), days between visits that end in the period, and the longest without a visit, the
-- one that still runs among them. As who asks: police read titles, the sums below count.
CREATE FUNCTION patrol_place_gaps(place_of integer, from_on date, to_on date)
RETURNS TABLE (place text, title text, kind text, group_name text, last_on date, gaps integer[], longest integer)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  WITH stops AS (
    SELECT s.id, s.title, s.kind, s.group_name, s.team, p.shift_on, k.place,
           EXISTS (SELECT 1 FROM patrol_visits AS v
                   WHERE v.commune_id = place_of AND v.stop_id = s.id AND v.reason IS NULL) AS is_done
    FROM patrol_plans AS p JOIN patrol_stops AS s ON s.plan_id = p.id
    CROSS JOIN LATERAL jsonb_array_elements_text(
      CASE WHEN s.keys = '[]' THEN jsonb_build_array(s.key) ELSE s.keys END) AS k (place)
    WHERE p.commune_id = place_of AND s.commune_id = place_of AND p.state <> 'draft'
      AND p.shift_on BETWEEN from_on - 90 AND to_on AND k.place NOT LIKE 'explore:%'),
  listed AS (
    SELECT DISTINCT ON (s.place) s.place, s.title, s.kind, s.group_name FROM stops AS s
    WHERE s.shift_on >= from_on ORDER BY s.place, s.shift_on DESC, s.id DESC),
  days AS (SELECT DISTINCT s.place, s.shift_on FROM stops AS s WHERE s.is_done),
  steps AS (
    SELECT d.place, d.shift_on, d.shift_on - lag(d.shift_on) OVER (PARTITION BY d.place ORDER BY d.shift_on) AS gap
    FROM days AS d)
  SELECT l.place, l.title, l.kind, l.group_name, max(s.shift_on),
         coalesce(array_agg(s.gap ORDER BY s.gap) FILTER (WHERE s.gap IS NOT NULL AND s.shift_on >= from_on), '{}'),
         greatest(max(s.gap) FILTER (WHERE s.shift_on >= from_on), least(to_on, vietnam_today()) - max(s.shift_on))
  FROM listed AS l LEFT JOIN steps AS s ON s.place = l.place
  GROUP BY l.place, l.title, l.kind, l.group_name
$$;
ALTER FUNCTION patrol_place_gaps(integer, date, date) OWNER TO gis_owner;

-- NULL: not for this role.
CREATE FUNCTION patrol_effort(from_on date, to_on date, limit_days integer) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me integer := acting_commune();
  sums jsonb;
  reasons jsonb;
  walks jsonb;
  gaps jsonb;
BEGIN
  IF me IS NULL OR coalesce(current_setting('app.role', true), '') NOT IN ('admin', 'data', 'patrol', 'committee') THEN
    RETURN NULL;
  END IF;
  -- The committee reads whole weeks that are over (web/effort_query.py says so): tomorrow's shift is not for it to know.
  IF current_setting('app.role', true) = 'committee' THEN
    to_on := date_trunc('week', least(to_on + 1, vietnam_today()))::date - 1;
    from_on := least(date_trunc('week', from_on)::date, to_on - 6);
  END IF;
  WITH stops AS (
    SELECT s.group_name, s.kind, p.shift_on, p.id AS plan_id, s.team IS NOT NULL AS is_planned, v.*
    FROM patrol_plans AS p JOIN patrol_stops AS s ON s.plan_id = p.id
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE w.reason IS NULL) AS visits, coalesce(sum(w.minutes), 0) AS minutes,
             count(*) FILTER (WHERE w.reason IS NULL AND w.minutes IS NULL) AS untimed,
             count(*) FILTER (WHERE w.is_outside) AS outside, count(w.reason) > 0 AS is_missed
      FROM patrol_visits AS w WHERE w.commune_id = me AND w.stop_id = s.id) AS v
    WHERE p.commune_id = me AND s.commune_id = me AND p.state <> 'draft' AND p.shift_on BETWEEN from_on AND to_on
      AND (s.team IS NOT NULL OR v.visits > 0)),
  counted AS (
    SELECT CASE WHEN grouping(group_name) = 0 THEN 'group' WHEN grouping(kind) = 0 THEN 'kind'
                WHEN grouping(shift_on) = 0 THEN 'day' ELSE 'total' END AS part,
           coalesce(group_name, kind, shift_on::text, '') AS name,
           count(DISTINCT plan_id) AS shifts, count(*) FILTER (WHERE is_planned) AS planned,
           count(*) FILTER (WHERE is_planned AND visits > 0) AS done,
           count(*) FILTER (WHERE NOT is_planned) AS extra,
           count(*) FILTER (WHERE is_planned AND visits = 0 AND is_missed) AS missed,
           sum(visits) AS visits, sum(minutes) AS minutes, sum(untimed) AS untimed, sum(outside) AS outside
    FROM stops GROUP BY GROUPING SETS ((group_name), (kind), (shift_on), ()))
  SELECT coalesce(jsonb_agg(to_jsonb(c) ORDER BY c.part, c.name), '[]') INTO sums FROM counted AS c
  WHERE c.shifts > 0 AND (current_setting('app.role', true) <> 'committee' OR c.part <> 'kind');
  SELECT coalesce(jsonb_object_agg(r.reason, r.count), '{}') INTO reasons FROM (
    SELECT v.reason, count(*) FROM patrol_visits AS v JOIN patrol_plans AS p ON p.id = v.plan_id
    WHERE v.commune_id = me AND p.commune_id = me AND v.reason IS NOT NULL AND p.shift_on BETWEEN from_on AND to_on
    GROUP BY v.reason) AS r;
  SELECT coalesce(jsonb_object_agg(w.outcome, w.count), '{}') INTO walks FROM (
    SELECT w.outcome, count(*) FROM patrol_walks AS w JOIN patrol_plans AS p ON p.id = w.plan_id
    WHERE w.commune_id = me AND p.commune_id = me AND p.shift_on BETWEEN from_on AND to_on GROUP BY w.outcome) AS w;
  SELECT jsonb_build_object(
           'places', count(*), 'visited', count(g.last_on), 'never', count(*) FILTER (WHERE g.last_on IS NULL),
           'longest', max(g.longest), 'over', count(*) FILTER (WHERE g.longest > limit_days),
           'median', (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY n)
                      FROM patrol_place_gaps(me, from_on, to_on) AS o, unnest(o.gaps) AS n))
    INTO gaps FROM patrol_place_gaps(me, from_on, to_on) AS g;
  RETURN jsonb_build_object('sums', sums, 'reasons', reasons, 'walks', walks, 'gaps', gaps);
END
$$;
ALTER FUNCTION patrol_effort(date, date, integer) OWNER TO gis_owner;

-- Metres of street in the commune (no motorways), on a route of an issued shift, and on one whose team was at half of
-- its stops or more: nobody's way is recorded, the route that was issued stands for it. Streets are looked at every
-- 20 metres; NULLs: not for this role.
CREATE FUNCTION patrol_street_sums(from_on date, to_on date, OUT total_m float8, OUT issued_m float8, OUT walked_m float8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me integer := acting_commune();
  srid integer;
  near_issued geometry;
  near_walked geometry;
BEGIN
  IF me IS NULL OR coalesce(current_setting('app.role', true), '') NOT IN ('admin', 'data', 'patrol', 'committee') THEN
    RETURN;
  END IF;
  -- The committee reads whole weeks that are over (web/effort_query.py says so): tomorrow's shift is not for it to know.
  IF current_setting('app.role', true) = 'committee' THEN
    to_on := date_trunc('week', least(to_on + 1, vietnam_today()))::date - 1;
    from_on := least(date_trunc('week', from_on)::date, to_on - 6);
  END IF;
  SELECT coalesce(c.metric_srid, 3405) INTO srid FROM communes AS c WHERE c.id = me;
  WITH routes AS (
    SELECT r.id, ST_Transform(r.geom, srid) AS geom,
           count(s.id) > 0 AND 2 * count(s.id) FILTER (WHERE EXISTS (
             SELECT 1 FROM patrol_visits AS v WHERE v.commune_id = me AND v.stop_id = s.id AND v.reason IS NULL))
           >= count(s.id) AS is_walked
    FROM patrol_plans AS p
    JOIN patrol_routes AS r ON r.plan_id = p.id AND r.alternative = p.chosen
    LEFT JOIN patrol_stops AS s ON s.plan_id = p.id AND s.team = r.team
    WHERE p.commune_id = me AND r.commune_id = me AND p.state <> 'draft' AND p.shift_on BETWEEN from_on AND to_on
    GROUP BY r.id),
  -- Teams go the same streets again and again: each piece once.
  pieces AS (
    SELECT ST_Normalize(ST_SnapToGrid(d.geom, 0.01)) AS geom, bool_or(r.is_walked) AS is_walked
    FROM routes AS r, LATERAL ST_DumpSegments(r.geom) AS d GROUP BY 1)
  SELECT ST_Buffer(ST_Collect(p.geom), 8, 'quad_segs=2'),
         ST_Buffer(ST_Collect(p.geom) FILTER (WHERE p.is_walked), 8, 'quad_segs=2')
    INTO near_issued, near_walked FROM pieces AS p;
  SELECT coalesce(sum(l.step), 0), coalesce(sum(l.step) FILTER (WHERE ST_Intersects(near_issued, l.spot)), 0),
         coalesce(sum(l.step) FILTER (WHERE ST_Intersects(near_walked, l.spot)), 0)
    INTO total_m, issued_m, walked_m
  FROM (
    SELECT m.length / n.count AS step, ST_LineInterpolatePoint(m.geom, (i - 0.5) / n.count) AS spot
    FROM roads AS r
    CROSS JOIN LATERAL (SELECT ST_Transform(r.geom, srid) AS geom) AS g
    CROSS JOIN LATERAL (SELECT g.geom, ST_Length(g.geom) AS length) AS m
    CROSS JOIN LATERAL (SELECT greatest(1, ceil(m.length / 20))::integer AS count) AS n
    CROSS JOIN LATERAL generate_series(1, n.count) AS i
    WHERE r.commune_id = me AND r.class <> 'motorway') AS l;
END
$$;
ALTER FUNCTION patrol_street_sums(date, date) OWNER TO gis_owner;

-- Which of the two communes of an agreement in force sends a team through the shared strip, by day and two hours of it
-- (band 10: 20:00 to 22:00), this week as far as the agreement goes. Issued shifts; by the planned clock. No route, no
-- stop, no number of teams; for the police of either side.
CREATE FUNCTION joint_patrol_presence(agreement bigint)
RETURNS TABLE (side text, shift_on date, band integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me integer := acting_commune();
  found agreements%ROWTYPE;
BEGIN
  IF me IS NULL OR coalesce(current_setting('app.role', true), '') NOT IN ('admin', 'data', 'patrol') THEN
    RETURN;
  END IF;
  SELECT * INTO found FROM agreements AS a
  WHERE a.id = agreement AND me IN (a.commune_a, a.commune_b) AND a.state = 'approved' AND a.ends_on >= vietnam_today();
  IF found.id IS NULL THEN
    RETURN;
  END IF;
  RETURN QUERY
  WITH routes AS (
    SELECT p.id, p.commune_id, p.shift_on, p.start_min, r.team, r.geom, r.duration_s,
           coalesce((p.settings ->> 'stay_min')::integer, 10) AS stay_min
    FROM patrol_plans AS p JOIN patrol_routes AS r ON r.plan_id = p.id AND r.alternative = p.chosen
    WHERE p.commune_id IN (found.commune_a, found.commune_b) AND r.commune_id = p.commune_id AND p.state <> 'draft'
      AND p.shift_on BETWEEN vietnam_today() AND least(vietnam_today() + 6, found.ends_on)
      AND ST_Intersects(r.geom, found.strip)),
  moments AS (
    -- Every minute of the way, and every stop as long as it is meant to be.
    SELECT r.commune_id, r.shift_on, r.start_min + r.duration_s * i / n.count / 60 AS at
    FROM routes AS r
    CROSS JOIN LATERAL (SELECT greatest(1, ceil(r.duration_s / 60))::integer AS count) AS n
    CROSS JOIN LATERAL generate_series(0, n.count) AS i
    WHERE ST_Intersects(found.strip, ST_LineInterpolatePoint(r.geom, i::float8 / n.count))
    UNION ALL
    SELECT r.commune_id, r.shift_on, r.start_min + s.arrive_s / 60.0 + stay
    FROM routes AS r JOIN patrol_stops AS s ON s.plan_id = r.id AND s.team = r.team
    CROSS JOIN LATERAL (VALUES (0), (r.stay_min)) AS v (stay)
    WHERE ST_Intersects(found.strip, s.geom))
  SELECT DISTINCT CASE WHEN m.commune_id = me THEN 'own' ELSE 'neighbour' END, m.shift_on,
         least(11, floor(m.at / 120))::integer
  FROM moments AS m ORDER BY 2, 3, 1;
END
$$;
ALTER FUNCTION joint_patrol_presence(bigint) OWNER TO gis_owner;

REVOKE EXECUTE ON FUNCTION patrol_place_gaps(integer, date, date), patrol_effort(date, date, integer),
  patrol_street_sums(date, date), joint_patrol_presence(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION patrol_place_gaps(integer, date, date), patrol_effort(date, date, integer),
  patrol_street_sums(date, date), joint_patrol_presence(bigint) TO gis_app;

-- A shift ends team by team, with a reason for every stop where nobody came (end_patrol_walk): no way round it.
DROP FUNCTION close_patrol_plan(bigint);
GRANT UPDATE (left_due) ON patrol_plans TO gis_app;
