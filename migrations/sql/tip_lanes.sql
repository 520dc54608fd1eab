-- How a tip gets in: work for now, a form for one tip, a place apart for what comes in a flood; the cell as a place.

ALTER TABLE tip_marks OWNER TO gis_owner;
ALTER TABLE tip_marks ENABLE ROW LEVEL SECURITY;
ALTER TABLE tip_marks FORCE ROW LEVEL SECURITY;
CREATE POLICY tip_marks_owner ON tip_marks TO gis_owner USING (true);

-- The width of a commune's cells in degrees: 0.0025 is some 270 m.
CREATE FUNCTION tip_cell(commune integer) RETURNS numeric
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce((SELECT cell_m / 100000.0 FROM tip_settings WHERE commune_id = commune), 0.0025)
$$;

-- made, held, bare (held without its photo: too many bytes of photos wait), known (the same receipt again), closed (the
-- commune takes none), place (no such group, segment or point in the commune), more (more tips came in this hour than
-- this work is good for), spent (the form was good for another tip), full (too many wait apart).
-- `lane` is sent (work) or asked (an answered question): each has its own count, and questions never take the last
-- places. Of a number that no device has nothing is kept here; the words have it.
CREATE FUNCTION take_tip(new_id bigint, commune integer, about text, how_exact text, in_group bigint, on_road bigint,
                         lon float8, lat float8, device text, device_number text, sealed bytea, picture bytea,
                         receipt text, suspect boolean, form_mark bigint, lane text, reach integer, most_open integer,
                         most_held integer, most_photo_bytes bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  cell numeric := tip_cell(commune);
  grain numeric := CASE how_exact WHEN 'cell' THEN cell ELSE 0.0001 END;
  spot geometry;
  found_group bigint;
  found_road bigint;
  found_device bigint;
  so_many integer;
  held_count bigint;
  held_bytes bigint;
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
  ELSIF how_exact IN ('point', 'cell') AND lon BETWEEN 102 AND 118 AND lat BETWEEN 6 AND 24 THEN
    SELECT p.geom INTO spot FROM communes AS c, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS p (geom)
    WHERE c.id = commune AND ST_DWithin(c.geom, p.geom, CASE how_exact WHEN 'cell' THEN cell::float8 ELSE 0.0005 END);
    IF how_exact = 'point' THEN
      SELECT r.id INTO found_road FROM roads AS r WHERE r.commune_id = commune ORDER BY r.geom <-> spot LIMIT 1;
    END IF;
  END IF;
  IF spot IS NULL THEN
    RETURN 'place';
  END IF;
  spot := ST_SetSRID(ST_MakePoint((round(ST_X(spot)::numeric / grain) * grain)::float8,
                                  (round(ST_Y(spot)::numeric / grain) * grain)::float8), 4326);
  IF found_group IS NULL THEN
    SELECT g.id INTO found_group FROM groups AS g
    WHERE g.commune_id = commune AND (g.valid_to IS NULL OR g.valid_to > vietnam_today())
    -- The middle of a cell may lie in the next village: the form's own, if the cell reaches it.
    ORDER BY (how_exact = 'cell' AND g.id = in_group AND ST_DWithin(g.geom, spot, cell::float8)) DESC NULLS LAST,
             g.geom <-> spot, g.id LIMIT 1;
  END IF;
  IF device = 'lights' THEN
    SELECT t.id INTO found_device FROM lights AS t
    WHERE t.commune_id = commune AND upper(t.external_id) = upper(device_number) ORDER BY t.id LIMIT 1;
  ELSIF device = 'cameras' THEN
    SELECT t.id INTO found_device FROM cameras AS t WHERE t.commune_id = commune
      AND upper(device_number) IN (upper(t.external_id), upper(t.pole_code)) ORDER BY t.id LIMIT 1;
  END IF;
  -- One tip of a commune after the other, or many at once would all see the count of before.
  PERFORM pg_advisory_xact_lock(hashtext('take_tip'), commune);
  so_many := 1 + coalesce((SELECT l.count FROM tip_loads AS l
                           WHERE l.scope = commune AND l.kind = lane AND l.slot = date_trunc('hour', now())), 0);
  IF so_many > reach THEN
    RETURN 'more';
  ELSIF EXISTS (SELECT 1 FROM tip_marks WHERE mark = form_mark) THEN
    RETURN 'spent';
  END IF;
  suspect := suspect OR so_many > most_open;
  IF suspect THEN
    SELECT count(*), coalesce(sum(octet_length(t.photo)), 0) INTO held_count, held_bytes
    FROM tips AS t WHERE t.commune_id = commune AND t.is_held;
    IF held_count >= most_held THEN
      RETURN 'full';
    ELSIF held_bytes + coalesce(octet_length(picture), 0) > most_photo_bytes THEN
      picture := NULL;
    ELSE
      held_bytes := NULL;
    END IF;
  END IF;
  PERFORM count_tip(commune, lane);
  DELETE FROM tip_marks WHERE used_on < vietnam_today() - 1;
  INSERT INTO tip_marks (mark, used_on) VALUES (form_mark, vietnam_today());
  INSERT INTO tips (id, commune_id, subject, precision, group_id, road_id, geom, device_layer, device_id, body, photo,
                    receipt_hash, received_at, is_held)
  VALUES (new_id, commune, about, how_exact, found_group, found_road, spot,
          CASE WHEN found_device IS NOT NULL THEN device END, found_device, sealed, picture, receipt, half_day(), suspect)
  ON CONFLICT (receipt_hash) DO NOTHING;
  RETURN CASE WHEN NOT FOUND THEN 'known' WHEN held_bytes IS NOT NULL THEN 'bare' WHEN suspect THEN 'held'
         ELSE 'made' END;
END
$$;

-- made, missing, closed, full (five unanswered, or too many in this hour that no officer had asked for).
CREATE OR REPLACE FUNCTION answer_tip(receipt text, new_id bigint, sealed bytea, most integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  found tips%ROWTYPE;
  all_count bigint;
  waiting bigint;
  was_asked boolean;
BEGIN
  SELECT * INTO found FROM tips AS t WHERE t.receipt_hash = receipt FOR UPDATE;
  IF found.id IS NULL THEN
    RETURN 'missing';
  ELSIF found.state = 'closed' THEN
    RETURN 'closed';
  END IF;
  SELECT count(*), count(*) FILTER (WHERE NOT m.is_officer AND m.position > coalesce(
           (SELECT max(o.position) FROM tip_messages AS o WHERE o.tip_id = found.id AND o.is_officer), 0)),
         coalesce(bool_or(m.is_officer), false)
  INTO all_count, waiting, was_asked FROM tip_messages AS m WHERE m.tip_id = found.id;
  -- Who was asked may answer, whatever others send in this hour.
  IF waiting >= 5 OR all_count >= 40 OR (NOT was_asked AND count_tip(found.commune_id, 'answered') > most) THEN
    RETURN 'full';
  END IF;
  INSERT INTO tip_messages (id, commune_id, tip_id, position, is_officer, body, sent_on)
  SELECT new_id, found.commune_id, found.id, coalesce(max(m.position), 0) + 1, false, sealed, vietnam_today()
  FROM tip_messages AS m WHERE m.tip_id = found.id;
  RETURN 'made';
END
$$;

-- As in tips.sql, with the cell, which is coarser than a street.
CREATE OR REPLACE VIEW tips_coarse WITH (security_barrier) AS
  SELECT t.id, t.commune_id, t.subject,
         CASE WHEN t.precision IN ('group', 'cell') THEN t.precision ELSE 'street' END AS precision,
         t.group_id, t.road_id, spot.geom, t.shared, t.received_at, t.state, t.verifying_on, t.closed_on, t.outcome,
         t.channel, t.handed_on, t.version
  FROM tips AS t
  CROSS JOIN LATERAL (SELECT CASE WHEN t.precision = 'point' THEN middle_of_street(t.geom, t.commune_id) ELSE t.geom END
                      AS geom OFFSET 0) AS spot
  WHERE t.commune_id = nullif(current_setting('app.commune_id', true), '')::int
    AND current_setting('app.role', true) IN ('committee', 'planner', 'supervisor')
    AND NOT t.is_held AND t.outcome IS DISTINCT FROM 'abuse';

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY[
    'tip_cell(integer)',
    'take_tip(bigint, integer, text, text, bigint, bigint, float8, float8, text, text, bytea, bytea, text, boolean, '
    || 'bigint, text, integer, integer, integer, bigint)'] LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO gis_owner', name);
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', name);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO gis_app', name);
  END LOOP;
END
$$;
