-- A shift may go over midnight: who is in a shared strip when, by the day and the two hours in which it is.
CREATE OR REPLACE FUNCTION joint_patrol_presence(agreement bigint)
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
    SELECT p.id, p.commune_id, p.shift_on, p.start_min, p.end_min, r.team, r.geom, r.duration_s,
           coalesce((p.settings ->> 'stay_min')::integer, 10) AS stay_min
    FROM patrol_plans AS p JOIN patrol_routes AS r ON r.plan_id = p.id AND r.alternative = p.chosen
    WHERE p.commune_id IN (found.commune_a, found.commune_b) AND r.commune_id = p.commune_id AND p.state <> 'draft'
      -- Yesterday's may go on today.
      AND p.shift_on BETWEEN vietnam_today() - 1 AND least(vietnam_today() + 6, found.ends_on)
      AND ST_Intersects(r.geom, found.strip)),
  moments AS (
    -- Every minute of the way, and every stop as long as it is meant to be.
    SELECT r.commune_id, r.shift_on, r.end_min, r.start_min + r.duration_s * i / n.count / 60 AS at
    FROM routes AS r
    CROSS JOIN LATERAL (SELECT greatest(1, ceil(r.duration_s / 60))::integer AS count) AS n
    CROSS JOIN LATERAL generate_series(0, n.count) AS i
    WHERE ST_Intersects(found.strip, ST_LineInterpolatePoint(r.geom, i::float8 / n.count))
    UNION ALL
    SELECT r.commune_id, r.shift_on, r.end_min, r.start_min + s.arrive_s / 60.0 + stay
    FROM routes AS r JOIN patrol_stops AS s ON s.plan_id = r.id AND s.team = r.team
    CROSS JOIN LATERAL (VALUES (0), (r.stay_min)) AS v (stay)
    WHERE ST_Intersects(found.strip, s.geom)),
  -- The last moment of a shift until midnight is still its own day's.
  clocked AS (
    SELECT m.commune_id, m.shift_on, CASE WHEN m.end_min <= 1440 THEN least(m.at, 1439) ELSE m.at END AS at
    FROM moments AS m),
  placed AS (
    SELECT c.commune_id, c.shift_on + floor(c.at / 1440)::integer AS on_day, floor(c.at / 120)::integer % 12 AS band
    FROM clocked AS c)
  SELECT DISTINCT CASE WHEN p.commune_id = me THEN 'own' ELSE 'neighbour' END, p.on_day, p.band
  FROM placed AS p
  WHERE p.on_day BETWEEN vietnam_today() AND least(vietnam_today() + 6, found.ends_on)
  ORDER BY 2, 3, 1;
END
$$;
