-- Reports about places: owner, policies, grants, the log, the coarse view, and counts without places for those who
-- read no place. What a patrol found stays told as found by a patrol, whatever the query.

ALTER TABLE place_reports OWNER TO gis_owner;
ALTER TABLE place_reports ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY place_reports_owner ON place_reports TO gis_owner USING (true);
CREATE POLICY place_reports_read ON place_reports FOR SELECT TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int AND expires_on >= current_date
         AND current_setting('app.role', true) IN ('admin', 'data', 'patrol'));
-- Who walks patrols tells what a patrol found, and cannot pass it off as another's word: that would raise the risk of
-- the very place where patrols look.
CREATE POLICY place_reports_add ON place_reports FOR INSERT TO gis_app
  WITH CHECK (commune_id = nullif(current_setting('app.commune_id', true), '')::int
              AND (current_setting('app.role', true) IN ('admin', 'data')
                   OR current_setting('app.role', true) = 'patrol' AND source = 'patrol'));
CREATE POLICY place_reports_change ON place_reports FOR UPDATE TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND (current_setting('app.role', true) IN ('admin', 'data')
              OR current_setting('app.role', true) = 'patrol' AND source = 'patrol'));
CREATE POLICY place_reports_remove ON place_reports FOR DELETE TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND (current_setting('app.role', true) IN ('admin', 'data')
              OR current_setting('app.role', true) = 'patrol' AND source = 'patrol'));
-- Nobody changes the source of a report.
GRANT SELECT, DELETE, INSERT (commune_id, geom, category, seen_at, source, hotspot_id, note),
  UPDATE (geom, category, seen_at, hotspot_id, note) ON place_reports TO gis_app;
CREATE TRIGGER place_reports_touch BEFORE UPDATE ON place_reports FOR EACH ROW EXECUTE FUNCTION touch_row();
CREATE TRIGGER place_reports_audit_rows_insert AFTER INSERT ON place_reports REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION audit_rows();
CREATE TRIGGER place_reports_audit_rows_update AFTER UPDATE ON place_reports
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_rows();
CREATE TRIGGER place_reports_audit_rows_delete AFTER DELETE ON place_reports REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION audit_rows();

-- Cuts the moment to its hour; a report names a hotspot of its own commune.
CREATE FUNCTION keep_place_report() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  NEW.seen_at := date_trunc('hour', NEW.seen_at, 'UTC');
  IF NEW.hotspot_id IS NOT NULL AND NOT EXISTS
     (SELECT 1 FROM hotspots AS h WHERE h.id = NEW.hotspot_id AND h.commune_id = NEW.commune_id) THEN
    RAISE foreign_key_violation USING MESSAGE = 'no such hotspot', CONSTRAINT = 'place_reports_hotspot_commune';
  END IF;
  RETURN NEW;
END
$$;
ALTER FUNCTION keep_place_report() OWNER TO gis_owner;
REVOKE EXECUTE ON FUNCTION keep_place_report() FROM PUBLIC;
CREATE TRIGGER place_reports_keep BEFORE INSERT OR UPDATE OF seen_at, hotspot_id ON place_reports
  FOR EACH ROW EXECUTE FUNCTION keep_place_report();

-- Planners: the middle of the street, no note, no hotspot, and nothing that patrols found (they count it nowhere).
CREATE VIEW place_reports_coarse WITH (security_barrier) AS
  SELECT t.id, t.commune_id, spot.geom, t.category, t.seen_at, t.source
  FROM place_reports AS t
  CROSS JOIN LATERAL (SELECT middle_of_street(t.geom, t.commune_id) AS geom OFFSET 0) AS spot
  WHERE t.commune_id = nullif(current_setting('app.commune_id', true), '')::int AND t.expires_on >= current_date
    AND t.source <> 'patrol' AND current_setting('app.role', true) = 'planner';
ALTER VIEW place_reports_coarse OWNER TO gis_owner;
GRANT SELECT ON place_reports_coarse TO gis_app;

-- For those who read no place: reports by weekday (1 Monday) and three hours in Vietnam, without what patrols found.
-- Counts of 1 to 4 are empty, all others and the total are rounded to 5, so that the difference of two answers gives no
-- small count away. The period is whole months: one that could be moved by a day would tell of each day; the band of
-- hours is whole threes likewise. `hour_to` may be at or before `hour_from`: over midnight.
CREATE FUNCTION count_place_reports(from_on date, to_on date, hour_from integer, hour_to integer, kinds text[])
RETURNS TABLE (weekday integer, hour integer, reports bigint, total bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH told AS (
    SELECT extract(isodow FROM local_at)::integer AS weekday, extract(hour FROM local_at)::integer AS hour
    FROM (SELECT t.seen_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS local_at FROM place_reports AS t
          WHERE t.commune_id = acting_commune() AND t.source <> 'patrol' AND t.category = ANY (kinds)
            AND t.expires_on >= current_date
            AND t.seen_at >= date_trunc('month', from_on::timestamp) AT TIME ZONE 'Asia/Ho_Chi_Minh'
            AND t.seen_at < (date_trunc('month', to_on::timestamp) + interval '1 month') AT TIME ZONE 'Asia/Ho_Chi_Minh'
         ) AS m
    WHERE current_setting('app.role', true) IN ('admin', 'committee', 'data', 'patrol', 'planner', 'supervisor')),
  kept AS (
    SELECT * FROM told AS b
    WHERE CASE WHEN hour_from < hour_to THEN b.hour >= hour_from / 3 * 3 AND b.hour < (hour_to + 2) / 3 * 3
               ELSE b.hour >= hour_from / 3 * 3 OR b.hour < (hour_to + 2) / 3 * 3 END),
  counted AS (SELECT k.weekday, k.hour / 3 * 3 AS hour, count(*) AS reports FROM kept AS k GROUP BY 1, 2)
  SELECT c.weekday, c.hour, CASE WHEN c.reports > 4 THEN (round(c.reports / 5.0) * 5)::bigint END,
         (SELECT round(sum(a.reports) / 5) * 5 FROM counted AS a)::bigint
  FROM counted AS c ORDER BY c.weekday, c.hour
$$;
ALTER FUNCTION count_place_reports(date, date, integer, integer, text[]) OWNER TO gis_owner;
REVOKE EXECUTE ON FUNCTION count_place_reports(date, date, integer, integer, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION count_place_reports(date, date, integer, integer, text[]) TO gis_app;
