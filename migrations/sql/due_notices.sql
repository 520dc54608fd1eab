-- That the next step of hotspots is late, and that checks of venues are near or late: to those who take the steps and
-- write the checks, how many, never which street. Once a thing and day that it was due on: `things` has those that were
-- told. One alone is led to; of several, their list. Closed steps and expired hotspots are not looked at. How many
-- notices were written.
CREATE FUNCTION tell_of_dues(usual_days jsonb, soon_days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  today date := vietnam_today();
  told integer;
BEGIN
  IF coalesce(current_setting('app.role', true), '') <> 'system' OR acting_commune() IS NOT NULL THEN
    RETURN 0;
  END IF;
  WITH due AS (
    SELECT h.commune_id, 'hotspot_late' AS kind, h.id,
           last.on_day + coalesce((to_jsonb(r) ->> (h.state || '_days'))::int, (usual_days ->> h.state)::int) AS on_day
    FROM hotspots AS h
    JOIN LATERAL (SELECT s.on_day FROM hotspot_steps AS s WHERE s.hotspot_id = h.id ORDER BY s.id DESC LIMIT 1) AS last ON true
    LEFT JOIN hotspot_rules AS r ON r.commune_id = h.commune_id
    WHERE h.state <> 'closed' AND (h.expires_on IS NULL OR h.expires_on >= vietnam_today())
    UNION ALL
    SELECT v.commune_id, CASE WHEN v.next_due_on < today THEN 'venue_late' ELSE 'venue_due' END, v.id, v.next_due_on
    FROM venues AS v WHERE v.next_due_on <= today + soon_days),
  fresh AS (
    SELECT d.commune_id, d.kind, d.id, d.id || to_char(d.on_day, ' YYYY-MM-DD') AS thing FROM due AS d
    WHERE d.kind <> 'hotspot_late' OR d.on_day < today
    EXCEPT
    SELECT n.commune_id, n.kind, split_part(t.thing, ' ', 1)::bigint, t.thing
    FROM notices AS n CROSS JOIN unnest(n.things) AS t (thing)),
  counted AS (
    SELECT f.commune_id, f.kind, array_agg(f.thing ORDER BY f.id) AS things, count(*)::text AS about,
           CASE f.kind WHEN 'hotspot_late' THEN '/diem-nong/so' ELSE '/du-lieu/co-so' END
           || CASE count(*) WHEN 1 THEN '/' || min(f.id) ELSE '' END AS link
    FROM fresh AS f GROUP BY f.commune_id, f.kind)
  INSERT INTO notices (commune_id, kind, role, about, link, things, created_by)
  SELECT c.commune_id, c.kind, who.role, c.about, c.link, c.things, ''
  FROM counted AS c CROSS JOIN unnest(ARRAY['admin', 'data', 'patrol']) AS who (role);
  GET DIAGNOSTICS told = ROW_COUNT;
  RETURN told;
END
$$;
ALTER FUNCTION tell_of_dues(jsonb, integer) OWNER TO gis_owner;
REVOKE EXECUTE ON FUNCTION tell_of_dues(jsonb, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tell_of_dues(jsonb, integer) TO gis_app;
