-- The roll-up over communes: a group that ended today is counted no more (its successor is), and a clause that names
-- groups is met by those alone, as on the commune's own page.

CREATE OR REPLACE FUNCTION city_totals() RETURNS TABLE (
  commune_id integer, code text, full_name text, detail boolean, until_on date, stage text, group_count bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH granted AS (
    SELECT w.commune_id, w.detail, w.until_on FROM accounts AS a
    JOIN commune_grants AS w ON w.account_id = a.id AND w.until_on >= vietnam_today()
    WHERE current_setting('app.role', true) = 'city' AND a.username = current_setting('app.username', true)
      AND a.role = 'city' AND a.is_active
  ), counted AS (
    SELECT g.commune_id, g.stage, count(*) AS group_count FROM groups AS g
    WHERE g.commune_id IN (SELECT w.commune_id FROM granted AS w)
      AND (g.valid_to IS NULL OR g.valid_to > vietnam_today())
    GROUP BY g.commune_id, g.stage
  )
  SELECT c.id, c.code, c.full_name, w.detail, w.until_on, n.stage, coalesce(n.group_count, 0)
  FROM granted AS w JOIN communes AS c ON c.id = w.commune_id LEFT JOIN counted AS n ON n.commune_id = c.id
  ORDER BY c.full_name COLLATE "vi-x-icu", c.id
$$;

-- `named`: groups that a clause lists; compared with achieved names in the program, shown to nobody.
DROP FUNCTION city_target_rules();
CREATE FUNCTION city_target_rules() RETURNS TABLE (
  commune_id integer, id bigint, part text, operator text, basis text, share numeric, count integer, year smallint,
  until_year smallint, rounding text, readings jsonb, chosen_reading text, named text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT r.commune_id, r.id, r.part, r.operator, r.basis, r.share, r.count, r.year, r.until_year, r.rounding,
         r.readings, r.chosen_reading, r.named
  FROM roadmap_communes() AS m JOIN target_rules AS r ON r.commune_id = m.commune_id
  WHERE r.kind = 'group' AND r.subject = ''
$$;

-- `achieved_names` only where a clause lists groups, else NULL.
DROP FUNCTION city_achieved();
CREATE FUNCTION city_achieved() RETURNS TABLE (
  commune_id integer, code text, full_name text, group_count bigint, achieved_count bigint, achieved_names text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH mine AS (SELECT m.commune_id FROM roadmap_communes() AS m), listing AS (
    SELECT DISTINCT r.commune_id FROM target_rules AS r
    WHERE r.kind = 'group' AND r.subject = '' AND cardinality(r.named) > 0
  ), counted AS (
    SELECT g.commune_id, count(*) AS group_count,
           count(*) FILTER (WHERE g.stage IN ('recognised', 'maintained')) AS achieved_count,
           array_agg(g.name) FILTER (WHERE g.stage IN ('recognised', 'maintained')
                                     AND g.commune_id IN (SELECT l.commune_id FROM listing AS l)) AS achieved_names
    FROM groups AS g
    WHERE g.commune_id IN (SELECT m.commune_id FROM mine AS m)
      AND (g.valid_to IS NULL OR g.valid_to > vietnam_today())
    GROUP BY g.commune_id
  )
  SELECT c.id, c.code, c.full_name, coalesce(n.group_count, 0), coalesce(n.achieved_count, 0), n.achieved_names
  FROM mine AS m JOIN communes AS c ON c.id = m.commune_id LEFT JOIN counted AS n ON n.commune_id = c.id
  ORDER BY c.full_name COLLATE "vi-x-icu", c.id
$$;
