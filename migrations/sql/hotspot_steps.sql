-- The life of a hotspot: found, verified, handled, watched, closed, each step with its day. The order is held here for
-- every door that writes: the register's function with day, note and unit; edits, imports and undoing by the triggers.

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['hotspot_steps', 'hotspot_rules'] LOOP
    EXECUTE format('ALTER TABLE %I OWNER TO gis_owner', name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY %I ON %I TO gis_owner USING (true)', name || '_owner', name);
    EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows()', name || '_audit_rows_insert', name);
    EXECUTE format('CREATE TRIGGER %I AFTER UPDATE ON %I REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows()', name || '_audit_rows_update', name);
    EXECUTE format('CREATE TRIGGER %I AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows()', name || '_audit_rows_delete', name);
  END LOOP;
END
$$;

-- As the hotspot itself: the subquery is under the hotspots' own policies, so an expired one takes its steps along.
CREATE POLICY hotspot_steps_read ON hotspot_steps FOR SELECT TO gis_app
  USING (commune_id = acting_commune() AND current_setting('app.role', true) IN ('admin', 'data', 'patrol')
         AND EXISTS (SELECT 1 FROM hotspots AS h WHERE h.id = hotspot_id));
GRANT SELECT ON hotspot_steps TO gis_app;
-- Planners read which step and since when, no word and no unit.
CREATE VIEW hotspot_steps_coarse WITH (security_barrier) AS
  SELECT s.id, s.commune_id, s.hotspot_id, s.state, s.on_day, s.is_loaded
  FROM hotspot_steps AS s JOIN hotspots AS h ON h.id = s.hotspot_id
  WHERE s.commune_id = acting_commune() AND current_setting('app.role', true) = 'planner'
    AND (h.expires_on IS NULL OR h.expires_on >= vietnam_today());
ALTER VIEW hotspot_steps_coarse OWNER TO gis_owner;
GRANT SELECT ON hotspot_steps_coarse TO gis_app;

CREATE POLICY hotspot_rules_read ON hotspot_rules FOR SELECT TO gis_app USING (commune_id = acting_commune());
CREATE POLICY hotspot_rules_add ON hotspot_rules FOR INSERT TO gis_app
  WITH CHECK (commune_id = acting_commune() AND current_setting('app.role', true) IN ('admin', 'data'));
CREATE POLICY hotspot_rules_change ON hotspot_rules FOR UPDATE TO gis_app
  USING (commune_id = acting_commune() AND current_setting('app.role', true) IN ('admin', 'data'));
GRANT SELECT, INSERT, UPDATE ON hotspot_rules TO gis_app;
CREATE TRIGGER hotspot_rules_touch BEFORE UPDATE ON hotspot_rules FOR EACH ROW EXECUTE FUNCTION touch_row();

-- The steps that there are. `needs_note`: a short cut or a way back, which says why; `by_editors`: not by patrols.
CREATE FUNCTION hotspot_moves() RETURNS TABLE (from_state text, to_state text, needs_note boolean, by_editors boolean)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  VALUES ('new', 'verified', false, false), ('verified', 'handled', false, false), ('handled', 'watched', false, false),
         ('watched', 'closed', false, true),
         ('new', 'closed', true, true), ('handled', 'closed', true, true),
         ('verified', 'new', true, false), ('handled', 'verified', true, false), ('watched', 'verified', true, false),
         ('closed', 'new', true, true)
$$;
ALTER FUNCTION hotspot_moves() OWNER TO gis_owner;

-- The first step of a new row. A hotspot that was found earlier is dated by that day; any other state that a file brings
-- is of the day of loading.
CREATE FUNCTION begin_hotspot() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO hotspot_steps (commune_id, hotspot_id, state, on_day, is_loaded)
  SELECT n.commune_id, n.id, n.state,
         CASE WHEN n.state = 'new' THEN least(n.first_seen_on, vietnam_today()) ELSE vietnam_today() END,
         n.state <> 'new'
  FROM new_rows AS n;
  RETURN NULL;
END
$$;
ALTER FUNCTION begin_hotspot() OWNER TO gis_owner;
CREATE TRIGGER hotspots_begin AFTER INSERT ON hotspots REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION begin_hotspot();

-- A changed state is a step, whoever writes it: the next one dated today; the one before within a day, which takes the
-- slip back; or the one that step_hotspot has just written. Nothing else.
CREATE FUNCTION follow_hotspot() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  last hotspot_steps%ROWTYPE;
  earlier text;
BEGIN
  SELECT * INTO last FROM hotspot_steps AS s WHERE s.hotspot_id = NEW.id ORDER BY s.id DESC LIMIT 1;
  IF last.state = NEW.state THEN
    RETURN NEW;
  END IF;
  SELECT s.state INTO earlier FROM hotspot_steps AS s WHERE s.hotspot_id = NEW.id AND s.id < last.id
  ORDER BY s.id DESC LIMIT 1;
  IF earlier = NEW.state AND last.made_at > now() - interval '24 hours' THEN
    DELETE FROM hotspot_steps WHERE id = last.id;
  ELSIF EXISTS (SELECT 1 FROM hotspot_moves() AS m
                WHERE m.from_state = OLD.state AND m.to_state = NEW.state AND NOT m.needs_note) THEN
    INSERT INTO hotspot_steps (commune_id, hotspot_id, state, on_day, unit_id)
    VALUES (NEW.commune_id, NEW.id, NEW.state, greatest(last.on_day, vietnam_today()), last.unit_id);
  ELSE
    RAISE check_violation USING MESSAGE = 'not a step of a hotspot', CONSTRAINT = 'hotspots_state_order';
  END IF;
  RETURN NEW;
END
$$;
ALTER FUNCTION follow_hotspot() OWNER TO gis_owner;
CREATE TRIGGER hotspots_follow BEFORE UPDATE OF state ON hotspots FOR EACH ROW
  WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION follow_hotspot();

-- stepped, role, missing, stale, move_not_allowed, too_early (before the last step), too_late (a day to come),
-- needs_note. No unit: the one that has it keeps it.
CREATE FUNCTION step_hotspot(hotspot bigint, seen_version integer, wanted text, day date, words text, number text,
                             unit bigint, task bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me text := coalesce(current_setting('app.role', true), '');
  found hotspots%ROWTYPE;
  last hotspot_steps%ROWTYPE;
  move record;
BEGIN
  IF me NOT IN ('admin', 'data', 'patrol') THEN
    RETURN 'role';
  END IF;
  SELECT * INTO found FROM hotspots AS h
  WHERE h.id = hotspot AND h.commune_id = acting_commune() AND (h.expires_on IS NULL OR h.expires_on >= vietnam_today())
  FOR UPDATE;
  IF found.id IS NULL THEN
    RETURN 'missing';
  ELSIF found.version <> seen_version THEN
    RETURN 'stale';
  END IF;
  SELECT * INTO move FROM hotspot_moves() AS m WHERE m.from_state = found.state AND m.to_state = wanted;
  IF move IS NULL THEN
    RETURN 'move_not_allowed';
  ELSIF move.by_editors AND me = 'patrol' THEN
    RETURN 'role';
  ELSIF move.needs_note AND coalesce(btrim(words), '') = '' THEN
    RETURN 'needs_note';
  END IF;
  SELECT * INTO last FROM hotspot_steps AS s WHERE s.hotspot_id = hotspot ORDER BY s.id DESC LIMIT 1;
  IF day < last.on_day THEN
    RETURN 'too_early';
  ELSIF day > vietnam_today() THEN
    RETURN 'too_late';
  END IF;
  INSERT INTO hotspot_steps (commune_id, hotspot_id, state, on_day, note, document, unit_id, task_id)
  VALUES (found.commune_id, hotspot, wanted, day, words, number, coalesce(unit, last.unit_id), task);
  UPDATE hotspots SET state = wanted WHERE id = hotspot;
  RETURN 'stepped';
END
$$;
ALTER FUNCTION step_hotspot(bigint, integer, text, date, text, text, bigint, bigint) OWNER TO gis_owner;

-- How many hotspots were open at some time of a period, and how many of them were handled in it: counts of the whole
-- commune, no place. What a file brought as handled is nobody's work here. Outside the police fewer than five are not
-- told (empty).
CREATE FUNCTION count_hotspots(from_on date, to_on date) RETURNS TABLE (total bigint, handled bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH own AS (
    SELECT h.id, (SELECT min(s.on_day) FROM hotspot_steps AS s WHERE s.hotspot_id = h.id) AS opened_on,
           (SELECT max(s.id) FROM hotspot_steps AS s WHERE s.hotspot_id = h.id AND s.state IN ('new', 'verified')) AS open_id
    FROM hotspots AS h
    WHERE h.commune_id = acting_commune() AND (h.expires_on IS NULL OR h.expires_on >= vietnam_today())
      AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'patrol', 'planner', 'supervisor')),
  dated AS (
    SELECT o.opened_on, (SELECT min(s.on_day) FROM hotspot_steps AS s WHERE s.hotspot_id = o.id AND s.id > o.open_id) AS done_on
    FROM own AS o WHERE o.open_id IS NOT NULL),
  counted AS (
    SELECT count(*) AS total, count(*) FILTER (WHERE d.done_on <= to_on) AS handled
    FROM dated AS d WHERE d.opened_on <= to_on AND (d.done_on IS NULL OR d.done_on >= from_on))
  SELECT CASE WHEN c.total = 0 OR c.total >= 5 OR p.is_police THEN c.total END,
         CASE WHEN c.total = 0 OR c.total >= 5 OR p.is_police THEN c.handled END
  FROM counted AS c
  CROSS JOIN (SELECT current_setting('app.role', true) IN ('admin', 'data', 'patrol') AS is_police) AS p
$$;
ALTER FUNCTION count_hotspots(date, date) OWNER TO gis_owner;

-- What stands in the table already.
INSERT INTO hotspot_steps (commune_id, hotspot_id, state, on_day, is_loaded)
SELECT h.commune_id, h.id, h.state,
       CASE WHEN h.state = 'new' THEN least(h.first_seen_on, vietnam_today()) ELSE vietnam_today() END, h.state <> 'new'
FROM hotspots AS h;

REVOKE EXECUTE ON FUNCTION begin_hotspot(), follow_hotspot(), count_hotspots(date, date),
  step_hotspot(bigint, integer, text, date, text, text, bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION count_hotspots(date, date),
  step_hotspot(bigint, integer, text, date, text, text, bigint, bigint) TO gis_app;
