-- What a city account may read, commune by commune, until a day. Granted by the server's administrator (flask city …).

ALTER TABLE commune_grants OWNER TO gis_owner;
ALTER TABLE commune_grants ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY commune_grants_owner ON commune_grants TO gis_owner USING (true);
-- Only the code that signs people in, and lets them enter a commune, sees grants.
CREATE POLICY commune_grants_gate ON commune_grants FOR SELECT TO gis_app
  USING (current_setting('app.role', true) = 'gate');
GRANT SELECT ON commune_grants TO gis_app;

-- Number of groups by stage in each commune granted to the acting city account; stage NULL: a commune without groups.
CREATE FUNCTION city_totals() RETURNS TABLE (
  commune_id integer, code text, full_name text, detail boolean, until_on date, stage text, group_count bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.id, c.code, c.full_name, w.detail, w.until_on, g.stage, count(g.id)
  FROM accounts AS a
  JOIN commune_grants AS w ON w.account_id = a.id AND w.until_on >= vietnam_today()
  JOIN communes AS c ON c.id = w.commune_id
  LEFT JOIN groups AS g ON g.commune_id = c.id AND (g.valid_to IS NULL OR g.valid_to >= vietnam_today())
  WHERE current_setting('app.role', true) = 'city' AND a.username = current_setting('app.username', true)
    AND a.role = 'city' AND a.is_active
  GROUP BY c.id, c.code, c.full_name, w.detail, w.until_on, g.stage
  ORDER BY c.full_name COLLATE "vi-x-icu", c.id
$$;
ALTER FUNCTION city_totals() OWNER TO gis_owner;
REVOKE EXECUTE ON FUNCTION city_totals() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city_totals() TO gis_app;
