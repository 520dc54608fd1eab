-- Open hotspots in each group of the acting commune: how many, never where. A committee reads groups, not points
-- (SECURITY_DESIGN.md section 5); a hotspot is a place, no person. Patrols' own finds count like any other here.
CREATE FUNCTION open_hotspots_by_group() RETURNS TABLE (group_id bigint, hotspot_count bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT g.id, count(h.id)
  FROM groups AS g
  JOIN hotspots AS h ON h.commune_id = g.commune_id AND h.geom && g.geom AND ST_Intersects(h.geom, g.geom)
  WHERE g.commune_id = nullif(current_setting('app.commune_id', true), '')::int
    AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'patrol', 'planner', 'supervisor')
    AND (g.valid_to IS NULL OR g.valid_to > vietnam_today())
    AND h.state IN ('new', 'verified', 'watched') AND (h.expires_on IS NULL OR h.expires_on >= current_date)
  GROUP BY g.id
$$;
ALTER FUNCTION open_hotspots_by_group() OWNER TO gis_owner;

ALTER TABLE reconciliations OWNER TO gis_owner;
ALTER TABLE reconciliations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY reconciliations_owner ON reconciliations TO gis_owner USING (true);
CREATE POLICY reconciliations_read ON reconciliations FOR SELECT TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'patrol', 'planner', 'supervisor'));
CREATE POLICY reconciliations_add ON reconciliations FOR INSERT TO gis_app
  WITH CHECK (commune_id = nullif(current_setting('app.commune_id', true), '')::int
              AND current_setting('app.role', true) IN ('admin', 'data'));
GRANT SELECT, INSERT ON reconciliations TO gis_app;
CREATE TRIGGER reconciliations_audit AFTER INSERT ON reconciliations
  FOR EACH ROW EXECUTE FUNCTION audit_decisions();
