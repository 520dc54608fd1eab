-- What a hotspot's state may become is asked by the trigger and by the check of a file alike; what an import removed and
-- gives back has its history again; who supervises reads the log without the contents of rows.

-- same; back: the step before, within a day; next: a plain step. NULL: none of them.
CREATE FUNCTION hotspot_way(hotspot bigint, wanted text) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  WITH known AS (SELECT s.state, s.made_at, row_number() OVER (ORDER BY s.id DESC) AS n
                 FROM hotspot_steps AS s WHERE s.hotspot_id = hotspot)
  SELECT CASE WHEN last.state = wanted THEN 'same'
              WHEN earlier.state = wanted AND last.made_at > now() - interval '24 hours' THEN 'back'
              WHEN EXISTS (SELECT 1 FROM hotspot_moves() AS m
                           WHERE m.from_state = last.state AND m.to_state = wanted AND NOT m.needs_note) THEN 'next' END
  FROM known AS last LEFT JOIN known AS earlier ON earlier.n = 2 WHERE last.n = 1
$$;
ALTER FUNCTION hotspot_way(bigint, text) OWNER TO gis_owner;

CREATE OR REPLACE FUNCTION follow_hotspot() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  last hotspot_steps%ROWTYPE;
  way text := hotspot_way(NEW.id, NEW.state);
BEGIN
  SELECT * INTO last FROM hotspot_steps AS s WHERE s.hotspot_id = NEW.id ORDER BY s.id DESC LIMIT 1;
  IF way = 'back' THEN
    DELETE FROM hotspot_steps WHERE id = last.id;
  ELSIF way = 'next' THEN
    INSERT INTO hotspot_steps (commune_id, hotspot_id, state, on_day, unit_id)
    VALUES (NEW.commune_id, NEW.id, NEW.state, greatest(last.on_day, vietnam_today()), last.unit_id);
  ELSIF way IS NULL THEN
    RAISE check_violation USING MESSAGE = 'not a step of a hotspot', CONSTRAINT = 'hotspots_state_order';
  END IF;
  RETURN NEW;
END
$$;

-- The rows that went with a commune's row of `parent_table` when it was deleted last, as the log has them.
CREATE FUNCTION gone_with(commune integer, parent_table text, parent_id bigint, child_table text, parent_column text)
RETURNS SETOF jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT child.before
  FROM (SELECT e.at FROM audit_entries AS e
        WHERE e.commune_id = commune AND e.table_name = parent_table AND e.row_id = parent_id AND e.action = 'delete'
        ORDER BY e.id DESC LIMIT 1) AS gone
  JOIN audit_entries AS child ON child.commune_id = commune AND child.table_name = child_table
    AND child.action = 'delete' AND child.at = gone.at AND (child.before ->> parent_column)::bigint = parent_id
  ORDER BY child.row_id
$$;
ALTER FUNCTION gone_with(integer, text, bigint, text, text) OWNER TO gis_owner;

CREATE OR REPLACE FUNCTION begin_hotspot() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO hotspot_steps
  SELECT s.* FROM new_rows AS n, gone_with(n.commune_id, 'hotspots', n.id, 'hotspot_steps', 'hotspot_id') AS kept(was),
                  jsonb_populate_record(NULL::hotspot_steps, kept.was) AS s;
  INSERT INTO hotspot_steps (commune_id, hotspot_id, state, on_day, is_loaded)
  SELECT n.commune_id, n.id, n.state,
         CASE WHEN n.state = 'new' THEN least(n.first_seen_on, vietnam_today()) ELSE vietnam_today() END,
         n.state <> 'new'
  FROM new_rows AS n
  WHERE hotspot_way(n.id, n.state) IS DISTINCT FROM 'same';
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION note_venue_check() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF pg_trigger_depth() = 1 THEN
    IF TG_OP = 'INSERT' THEN
      INSERT INTO venue_checks
      SELECT c.* FROM gone_with(NEW.commune_id, 'venues', NEW.id, 'venue_checks', 'venue_id') AS kept(was),
                      jsonb_populate_record(NULL::venue_checks, kept.was) AS c;
    ELSIF NEW.last_checked_on IS NULL OR NEW.last_checked_on < OLD.last_checked_on THEN
      -- A slip is taken back within a day, by undo or by hand.
      DELETE FROM venue_checks AS c WHERE c.venue_id = NEW.id AND c.checked_on = OLD.last_checked_on
        AND c.outcome = 'unknown' AND c.made_at > now() - interval '24 hours';
    END IF;
    IF NEW.last_checked_on IS NOT NULL THEN
      INSERT INTO venue_checks AS c (commune_id, venue_id, checked_on, outcome, next_due_on)
      VALUES (NEW.commune_id, NEW.id, NEW.last_checked_on, 'unknown', NEW.next_due_on)
      ON CONFLICT (venue_id, checked_on) DO UPDATE SET next_due_on = EXCLUDED.next_due_on
        WHERE c.next_due_on IS DISTINCT FROM EXCLUDED.next_due_on;
    END IF;
    IF EXISTS (SELECT 1 FROM venue_checks AS c WHERE c.venue_id = NEW.id) THEN
      PERFORM derive_venue_check(NEW.id);
    END IF;
  END IF;
  RETURN NULL;
END
$$;

REVOKE EXECUTE ON FUNCTION gone_with(integer, text, bigint, text, text) FROM PUBLIC;

-- Who did what to which row, without the row: contents hold exact places of hotspots and words of officers.
CREATE VIEW audit_heads WITH (security_barrier) AS
  SELECT e.id, e.at, e.role, e.username, e.action, e.table_name, e.row_id FROM audit_entries AS e
  WHERE e.commune_id = acting_commune() AND current_setting('app.role', true) IN ('admin', 'supervisor');
ALTER VIEW audit_heads OWNER TO gis_owner;
GRANT SELECT ON audit_heads TO gis_app;
ALTER POLICY audit_entries_read ON audit_entries
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND current_setting('app.role', true) = 'admin');
