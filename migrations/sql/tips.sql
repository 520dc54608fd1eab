-- Residents' tips. A stranger writes through functions and reads back by receipt alone; police roles of the commune read
-- and work on tips; planners, the committee and supervisors read the view tips_coarse. Ciphertext is the program's
-- business (gis_app/jobs/tip_box.py): nothing here ever sees a text.

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['tips', 'tip_messages', 'tip_settings', 'tip_loads'] LOOP
    EXECUTE format('ALTER TABLE %I OWNER TO gis_owner', name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY %I ON %I TO gis_owner USING (true)', name || '_owner', name);
  END LOOP;
END
$$;

CREATE FUNCTION is_tip_officer() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(current_setting('app.role', true), '') IN ('admin', 'data', 'patrol')
$$;
ALTER FUNCTION is_tip_officer() OWNER TO gis_owner;

-- Who could write a tip could forge one, so officers have no INSERT; of the receipt's hash they know nothing.
CREATE POLICY tips_read ON tips FOR SELECT TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int AND is_tip_officer());
CREATE POLICY tips_change ON tips FOR UPDATE TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int AND is_tip_officer());
-- Only what was never let in may be thrown away; the rest goes by its date.
CREATE POLICY tips_remove ON tips FOR DELETE TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int AND is_tip_officer() AND is_held);
GRANT SELECT (id, commune_id, subject, precision, group_id, road_id, geom, device_layer, device_id, body, photo, shared,
              received_at, is_held, state, verifying_on, closed_on, outcome, duplicate_of, channel, channel_note,
              handed_on, hotspot_id, task_id, report_id, version) ON tips TO gis_app;
GRANT UPDATE (photo, shared, is_held, state, verifying_on, closed_on, outcome, duplicate_of, channel, channel_note,
              handed_on, hotspot_id, task_id, report_id) ON tips TO gis_app;
GRANT DELETE ON tips TO gis_app;
CREATE POLICY tip_messages_read ON tip_messages FOR SELECT TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int AND is_tip_officer());
CREATE POLICY tip_messages_add ON tip_messages FOR INSERT TO gis_app
  WITH CHECK (commune_id = nullif(current_setting('app.commune_id', true), '')::int AND is_tip_officer() AND is_officer);
GRANT SELECT, INSERT ON tip_messages TO gis_app;
CREATE POLICY tip_settings_read ON tip_settings FOR SELECT TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int);
CREATE POLICY tip_settings_add ON tip_settings FOR INSERT TO gis_app
  WITH CHECK (commune_id = nullif(current_setting('app.commune_id', true), '')::int
              AND current_setting('app.role', true) IN ('admin', 'committee'));
CREATE POLICY tip_settings_change ON tip_settings FOR UPDATE TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND current_setting('app.role', true) IN ('admin', 'committee'));
GRANT SELECT, INSERT, UPDATE ON tip_settings TO gis_app;

-- States go forward only; what is closed stays as it is, but for the cleared words and a photo that is taken out. Links
-- stay in the commune.
CREATE FUNCTION keep_tip() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  others tips := NEW;
BEGIN
  -- A row that was pointed to has gone.
  IF pg_trigger_depth() > 1 OR current_setting('app.role', true) = 'system' THEN
    RETURN NEW;
  END IF;
  others.shared := OLD.shared;
  others.photo := OLD.photo;
  IF OLD.state = 'closed' AND others IS DISTINCT FROM OLD
     OR array_position(ARRAY['new', 'verifying', 'handling', 'closed'], NEW.state)
        < array_position(ARRAY['new', 'verifying', 'handling', 'closed'], OLD.state)
     OR (NEW.is_held AND NOT OLD.is_held) OR (NEW.photo IS NOT NULL AND NEW.photo IS DISTINCT FROM OLD.photo) THEN
    RAISE EXCEPTION 'a tip goes forward only' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'tips_step';
  END IF;
  IF NEW.duplicate_of IS NOT NULL AND (NEW.duplicate_of = NEW.id OR NOT EXISTS (
       SELECT 1 FROM tips AS t WHERE t.id = NEW.duplicate_of AND t.commune_id = NEW.commune_id))
     OR NEW.hotspot_id IS DISTINCT FROM OLD.hotspot_id AND NEW.hotspot_id IS NOT NULL AND NOT EXISTS (
       SELECT 1 FROM hotspots AS t WHERE t.id = NEW.hotspot_id AND t.commune_id = NEW.commune_id)
     OR NEW.task_id IS DISTINCT FROM OLD.task_id AND NEW.task_id IS NOT NULL AND NOT EXISTS (
       SELECT 1 FROM tasks AS t WHERE t.id = NEW.task_id AND t.commune_id = NEW.commune_id) THEN
    RAISE EXCEPTION 'no such row' USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'tips_link_commune';
  END IF;
  NEW.version := OLD.version + 1;
  NEW.verifying_on := CASE WHEN NEW.state <> 'new' THEN coalesce(OLD.verifying_on, vietnam_today()) END;
  NEW.closed_on := CASE WHEN NEW.state = 'closed' THEN coalesce(OLD.closed_on, vietnam_today()) END;
  RETURN NEW;
END
$$;
ALTER FUNCTION keep_tip() OWNER TO gis_owner;
CREATE TRIGGER tips_keep BEFORE UPDATE ON tips FOR EACH ROW EXECUTE FUNCTION keep_tip();

-- What officers did, in the log that outlives the tip: steps and version; no place, no subject, no text. That a tip came
-- in is not logged, since the log has exact times.
CREATE FUNCTION audit_tip() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  who text := coalesce(current_setting('app.role', true), '');
BEGIN
  IF who <> 'system' AND pg_trigger_depth() = 1 THEN
    INSERT INTO audit_entries (commune_id, role, username, action, table_name, row_id, before, after)
    SELECT OLD.commune_id, who, coalesce(current_setting('app.username', true), ''), lower(TG_OP), 'tips', OLD.id,
           jsonb_build_object('state', OLD.state, 'is_held', OLD.is_held, 'version', OLD.version),
           CASE TG_OP WHEN 'UPDATE' THEN jsonb_build_object(
             'state', NEW.state, 'is_held', NEW.is_held, 'version', NEW.version, 'outcome', NEW.outcome,
             'channel', NEW.channel, 'is_shared', NEW.shared IS NOT NULL, 'has_photo', NEW.photo IS NOT NULL) END;
  END IF;
  RETURN NULL;
END
$$;
ALTER FUNCTION audit_tip() OWNER TO gis_owner;
CREATE TRIGGER tips_audit AFTER UPDATE OR DELETE ON tips FOR EACH ROW EXECUTE FUNCTION audit_tip();

-- What roles without the exact place read: the middle of a street segment (or of the group), and the words that an
-- officer has cleared. What is held or was abuse is not there.
CREATE VIEW tips_coarse WITH (security_barrier) AS
  SELECT t.id, t.commune_id, t.subject, CASE WHEN t.precision = 'group' THEN 'group' ELSE 'street' END AS precision,
         t.group_id, t.road_id, spot.geom, t.shared, t.received_at, t.state, t.verifying_on, t.closed_on, t.outcome,
         t.channel, t.handed_on, t.version
  FROM tips AS t
  CROSS JOIN LATERAL (SELECT CASE WHEN t.precision = 'point' THEN middle_of_street(t.geom, t.commune_id) ELSE t.geom END
                      AS geom OFFSET 0) AS spot
  WHERE t.commune_id = nullif(current_setting('app.commune_id', true), '')::int
    AND current_setting('app.role', true) IN ('committee', 'planner', 'supervisor')
    AND NOT t.is_held AND t.outcome IS DISTINCT FROM 'abuse';
ALTER VIEW tips_coarse OWNER TO gis_owner;
GRANT SELECT ON tips_coarse TO gis_app;

-- The server's own log tells nothing of this transaction, nor would it after a crash. Owned by who migrates (a
-- superuser): only one may say so.
CREATE FUNCTION hush() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM set_config('track_activities', 'off', true), set_config('log_min_error_statement', 'panic', true),
          set_config('log_min_messages', 'panic', true), set_config('log_error_verbosity', 'terse', true),
          set_config('log_min_duration_statement', '-1', true), set_config('log_statement', 'none', true);
EXCEPTION WHEN insufficient_privilege THEN
  NULL;
END
$$;

-- What everybody may know of a commune whose tips are open: its name, the hotlines that its boards post, how many tips
-- came in this hour (the more, the more work a sender's browser does).
CREATE FUNCTION tip_communes(wanted text DEFAULT NULL)
RETURNS TABLE (id integer, code text, full_name text, province_name text, is_demo boolean, commune_phone text,
               pc04_phone text, c04_phone text, load integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.id, c.code, c.full_name, c.province_name, c.is_demo, p.commune_phone, p.pc04_phone, p.c04_phone,
         coalesce((SELECT l.count FROM tip_loads AS l
                   WHERE l.scope = c.id AND l.kind = 'sent' AND l.slot = date_trunc('hour', now())), 0)
  FROM tip_settings AS s JOIN communes AS c ON c.id = s.commune_id
  LEFT JOIN public_settings AS p ON p.commune_id = c.id
  WHERE s.is_open AND (wanted IS NULL OR c.code = wanted)
  ORDER BY c.province_name COLLATE vi_numeric, c.full_name COLLATE vi_numeric
$$;

CREATE FUNCTION is_tip_open(commune integer) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM tip_settings WHERE commune_id = commune AND is_open)
$$;

-- Where a box or board stands: its group, and the words on its own label. None: it is gone, or another commune's.
CREATE FUNCTION tip_box(commune integer, kind text, box bigint) RETURNS TABLE (place text, group_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT b.place, (SELECT g.id FROM groups AS g
                   WHERE g.commune_id = commune AND (g.valid_to IS NULL OR g.valid_to > vietnam_today())
                     AND ST_Intersects(g.geom, b.geom) ORDER BY g.id LIMIT 1)
  FROM (SELECT t.place, t.geom FROM tip_boxes AS t WHERE kind = 'h' AND t.id = box AND t.commune_id = commune
        UNION ALL
        SELECT t.place, t.geom FROM notice_boards AS t WHERE kind = 'b' AND t.id = box AND t.commune_id = commune) AS b
  WHERE is_tip_open(commune)
$$;

CREATE FUNCTION tip_groups(commune integer) RETURNS TABLE (id bigint, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT g.id, g.name FROM groups AS g
  WHERE g.commune_id = commune AND is_tip_open(commune) AND (g.valid_to IS NULL OR g.valid_to > vietnam_today())
  ORDER BY g.name COLLATE vi_numeric
$$;

-- The named streets of a group, each by the segment that has most of it inside.
CREATE FUNCTION tip_streets(commune integer, in_group bigint) RETURNS TABLE (id bigint, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.id, s.name FROM (
    SELECT DISTINCT ON (r.name) r.id, r.name FROM groups AS g
    JOIN roads AS r ON r.commune_id = commune AND r.geom && g.geom AND ST_Intersects(r.geom, g.geom)
    WHERE g.id = in_group AND g.commune_id = commune AND is_tip_open(commune) AND btrim(r.name) <> ''
    ORDER BY r.name, ST_Length(ST_Intersection(r.geom, g.geom)) DESC, r.id) AS s
  ORDER BY s.name COLLATE vi_numeric LIMIT 300
$$;

-- What stands on the street for everybody to see, as places to tell: schools, boards, boxes, gateways. `spot` is the
-- place as it would be kept: lon, lat to four digits.
CREATE FUNCTION tip_landmarks(commune integer, in_group bigint) RETURNS TABLE (kind text, name text, lon float8, lat float8)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT m.kind, m.name, round(ST_X(m.geom)::numeric, 4)::float8, round(ST_Y(m.geom)::numeric, 4)::float8
  FROM groups AS g
  CROSS JOIN LATERAL (
    SELECT 'schools' AS kind, t.name, t.geom FROM schools AS t WHERE t.commune_id = commune
    UNION ALL SELECT 'notice_boards', t.place, t.geom FROM notice_boards AS t WHERE t.commune_id = commune
    UNION ALL SELECT 'tip_boxes', t.place, t.geom FROM tip_boxes AS t WHERE t.commune_id = commune
    UNION ALL SELECT 'gateways', t.name, t.geom FROM gateways AS t WHERE t.commune_id = commune) AS m
  WHERE g.id = in_group AND g.commune_id = commune AND is_tip_open(commune) AND btrim(m.name) <> ''
    AND m.geom && ST_Expand(g.geom, 0.002) AND ST_DWithin(m.geom, g.geom, 0.002)
  ORDER BY m.name COLLATE vi_numeric LIMIT 100
$$;

-- The little map of a group: its outline, its streets, the lights and the cameras with a sign, by their numbers.
CREATE FUNCTION tip_map(commune integer, in_group bigint) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT jsonb_build_object(
    'outline', ST_AsGeoJSON(ST_SimplifyPreserveTopology(g.geom, 0.00002), 5)::jsonb,
    'streets', (SELECT coalesce(jsonb_agg(jsonb_build_object(
        'id', r.id, 'name', r.name, 'line', ST_AsGeoJSON(ST_SimplifyPreserveTopology(r.geom, 0.00002), 5)::jsonb)
        ORDER BY r.id), '[]')
      FROM (SELECT * FROM roads AS t WHERE t.commune_id = commune AND t.geom && ST_Expand(g.geom, 0.0005)
              AND ST_DWithin(t.geom, g.geom, 0.0005) ORDER BY t.id LIMIT 600) AS r),
    'devices', (SELECT coalesce(jsonb_agg(jsonb_build_array(d.layer, d.number, round(ST_X(d.geom)::numeric, 5),
        round(ST_Y(d.geom)::numeric, 5)) ORDER BY d.layer, d.number), '[]')
      FROM (SELECT 'lights' AS layer, t.external_id AS number, t.geom FROM lights AS t
            WHERE t.commune_id = commune AND t.state IN ('working', 'broken') AND ST_Intersects(t.geom, g.geom)
            UNION ALL
            SELECT DISTINCT ON (coalesce(t.pole_code, t.external_id)) 'cameras', coalesce(t.pole_code, t.external_id),
                   t.geom FROM cameras AS t
            WHERE t.commune_id = commune AND t.state IN ('working', 'broken') AND t.has_notice_sign
              AND t.ownership = 'public' AND ST_Intersects(t.geom, g.geom) LIMIT 1500) AS d
      WHERE d.number IS NOT NULL))
  FROM groups AS g
  WHERE g.id = in_group AND g.commune_id = commune AND is_tip_open(commune)
    AND (g.valid_to IS NULL OR g.valid_to > vietnam_today())
$$;

-- The start of the half day in Vietnam.
CREATE FUNCTION half_day() RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT (date_trunc('day', now() AT TIME ZONE 'Asia/Ho_Chi_Minh')
          + make_interval(hours => (extract(hour FROM now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::int / 12) * 12))
         AT TIME ZONE 'Asia/Ho_Chi_Minh'
$$;

-- Counts one more of a kind in this hour (or minute, of misses), and forgets the hours before; answers how many.
CREATE FUNCTION count_tip(in_scope integer, of_kind text) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM tip_loads WHERE slot < date_trunc('hour', now());
  INSERT INTO tip_loads AS l (scope, kind, slot, count)
  VALUES (in_scope, of_kind, date_trunc(CASE of_kind WHEN 'missed' THEN 'minute' ELSE 'hour' END, now()), 1)
  ON CONFLICT (scope, kind) DO UPDATE
    SET count = CASE WHEN l.slot = EXCLUDED.slot THEN l.count + 1 ELSE 1 END, slot = EXCLUDED.slot
  RETURNING count
$$;

-- made, held, known (the same receipt again), closed (the commune takes none), full, place (no such group, segment or
-- point in the commune). Of a number that no device has nothing is kept here; the words have it.
CREATE FUNCTION submit_tip(new_id bigint, commune integer, about text, how_exact text, in_group bigint, on_road bigint,
                           lon float8, lat float8, device text, device_number text, sealed bytea, picture bytea,
                           receipt text, suspect boolean, most_open integer, most integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  spot geometry;
  found_group bigint;
  found_road bigint;
  found_device bigint;
  so_many integer;
BEGIN
  IF NOT is_tip_open(commune) THEN
    RETURN 'closed';
  ELSIF EXISTS (SELECT 1 FROM tips WHERE receipt_hash = receipt) THEN
    RETURN 'known';
  END IF;
  IF how_exact = 'group' THEN
    SELECT ST_PointOnSurface(g.geom), g.id INTO spot, found_group FROM groups AS g
    WHERE g.id = in_group AND g.commune_id = commune AND (g.valid_to IS NULL OR g.valid_to > vietnam_today());
  ELSIF how_exact = 'street' THEN
    SELECT ST_LineInterpolatePoint(r.geom, 0.5), r.id INTO spot, found_road FROM roads AS r
    WHERE r.id = on_road AND r.commune_id = commune;
  ELSIF how_exact = 'point' AND lon BETWEEN 102 AND 118 AND lat BETWEEN 6 AND 24 THEN
    SELECT p.geom INTO spot FROM communes AS c, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS p (geom)
    WHERE c.id = commune AND ST_DWithin(c.geom, p.geom, 0.0005);
    SELECT r.id INTO found_road FROM roads AS r WHERE r.commune_id = commune ORDER BY r.geom <-> spot LIMIT 1;
  END IF;
  IF spot IS NULL THEN
    RETURN 'place';
  END IF;
  spot := ST_SetSRID(ST_MakePoint(round(ST_X(spot)::numeric, 4)::float8, round(ST_Y(spot)::numeric, 4)::float8), 4326);
  IF found_group IS NULL THEN
    SELECT g.id INTO found_group FROM groups AS g
    WHERE g.commune_id = commune AND (g.valid_to IS NULL OR g.valid_to > vietnam_today())
    ORDER BY g.geom <-> spot, g.id LIMIT 1;
  END IF;
  IF device = 'lights' THEN
    SELECT t.id INTO found_device FROM lights AS t
    WHERE t.commune_id = commune AND upper(t.external_id) = upper(device_number) ORDER BY t.id LIMIT 1;
  ELSIF device = 'cameras' THEN
    SELECT t.id INTO found_device FROM cameras AS t WHERE t.commune_id = commune
      AND upper(device_number) IN (upper(t.external_id), upper(t.pole_code)) ORDER BY t.id LIMIT 1;
  END IF;
  so_many := count_tip(commune, 'sent');
  IF so_many > most THEN
    RETURN 'full';
  END IF;
  suspect := suspect OR so_many > most_open;
  INSERT INTO tips (id, commune_id, subject, precision, group_id, road_id, geom, device_layer, device_id, body, photo,
                    receipt_hash, received_at, is_held)
  VALUES (new_id, commune, about, how_exact, found_group, found_road, spot,
          CASE WHEN found_device IS NOT NULL THEN device END, found_device, sealed, picture, receipt, half_day(), suspect)
  ON CONFLICT (receipt_hash) DO NOTHING;
  RETURN CASE WHEN NOT FOUND THEN 'known' WHEN suspect THEN 'held' ELSE 'made' END;
END
$$;

-- What a receipt opens: the tip as its sender may know it. Held looks like new.
CREATE FUNCTION tip_of_receipt(receipt text)
RETURNS TABLE (id bigint, commune_id integer, commune text, subject text, group_name text, received_on date, state text,
               outcome text, was_handed boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT t.id, t.commune_id, c.full_name, t.subject, g.name, (t.received_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date,
         t.state, CASE WHEN t.outcome = 'abuse' THEN 'unfounded' ELSE t.outcome END, t.channel IS NOT NULL
  FROM tips AS t JOIN communes AS c ON c.id = t.commune_id LEFT JOIN groups AS g ON g.id = t.group_id
  WHERE t.receipt_hash = receipt
$$;

CREATE FUNCTION messages_of_receipt(receipt text) RETURNS TABLE (is_officer boolean, body bytea, sent_on date, id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT m.is_officer, m.body, m.sent_on, m.id FROM tip_messages AS m JOIN tips AS t ON t.id = m.tip_id
  WHERE t.receipt_hash = receipt ORDER BY m.position
$$;

-- made, missing, closed, full (five unanswered, or too many in this hour).
CREATE FUNCTION answer_tip(receipt text, new_id bigint, sealed bytea, most integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  found tips%ROWTYPE;
BEGIN
  SELECT * INTO found FROM tips AS t WHERE t.receipt_hash = receipt FOR UPDATE;
  IF found.id IS NULL THEN
    RETURN 'missing';
  ELSIF found.state = 'closed' THEN
    RETURN 'closed';
  ELSIF (SELECT count(*) FILTER (WHERE NOT m.is_officer AND m.position > coalesce(
           (SELECT max(o.position) FROM tip_messages AS o WHERE o.tip_id = found.id AND o.is_officer), 0)) >= 5
           OR count(*) >= 40
         FROM tip_messages AS m WHERE m.tip_id = found.id) OR count_tip(found.commune_id, 'answered') > most THEN
    RETURN 'full';
  END IF;
  INSERT INTO tip_messages (id, commune_id, tip_id, position, is_officer, body, sent_on)
  SELECT new_id, found.commune_id, found.id, coalesce(max(m.position), 0) + 1, false, sealed, vietnam_today()
  FROM tip_messages AS m WHERE m.tip_id = found.id;
  RETURN 'made';
END
$$;

-- How often in this minute a receipt was looked up that does not exist, by anybody.
CREATE FUNCTION missed_tips() RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce((SELECT l.count FROM tip_loads AS l
                   WHERE l.scope = 0 AND l.kind = 'missed' AND l.slot = date_trunc('minute', now())), 0)
$$;

-- Deletes tips (messages and photos with them) this many days after they were closed, and what has been held for as long;
-- how many.
CREATE FUNCTION delete_old_tips(days integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (
    DELETE FROM tips WHERE closed_on < vietnam_today() - greatest(days, 90)
      OR (is_held AND received_at < now() - make_interval(days => greatest(days, 90))) RETURNING 1),
  counts AS (DELETE FROM tip_loads WHERE slot < date_trunc('hour', now()))
  SELECT count(*) FROM gone
$$;

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY[
    'tip_communes(text)', 'is_tip_open(integer)', 'tip_box(integer, text, bigint)', 'tip_groups(integer)',
    'tip_streets(integer, bigint)', 'tip_landmarks(integer, bigint)', 'tip_map(integer, bigint)', 'half_day()',
    'count_tip(integer, text)', 'tip_of_receipt(text)', 'messages_of_receipt(text)', 'missed_tips()',
    'submit_tip(bigint, integer, text, text, bigint, bigint, float8, float8, text, text, bytea, bytea, text, boolean, '
    || 'integer, integer)',
    'answer_tip(text, bigint, bytea, integer)', 'delete_old_tips(integer)'] LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO gis_owner', name);
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', name);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO gis_app', name);
  END LOOP;
END
$$;
REVOKE EXECUTE ON FUNCTION hush() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hush() TO gis_app;

CREATE FUNCTION task_measure_tip_handled(task tasks) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT (count(*) > 0)::int FROM tips AS t
  WHERE t.commune_id = task.commune_id AND t.task_id = task.id AND t.state = 'closed'
$$;
ALTER FUNCTION task_measure_tip_handled(tasks) OWNER TO gis_owner;
GRANT EXECUTE ON FUNCTION task_measure_tip_handled(tasks) TO gis_app;
