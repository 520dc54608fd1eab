-- Status of groups through time. `group_statuses` is bitemporal: `valid` is when a fact held, `known` when the system
-- believed it; an exclusion constraint allows one answer for each group, day and moment. Rows are never changed but
-- for the end of `known`. The web only reads; triggers and the functions below write.

ALTER TABLE group_statuses OWNER TO gis_owner;
ALTER TABLE group_statuses ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY group_statuses_owner ON group_statuses TO gis_owner USING (true);
CREATE POLICY group_statuses_read ON group_statuses FOR SELECT TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'patrol', 'planner', 'supervisor'));
GRANT SELECT ON group_statuses TO gis_app;

-- What of a group has a history, as JSON; the shape exactly, as hexadecimal EWKB.
CREATE FUNCTION tracked(g groups) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = public, pg_temp AS $$
  SELECT jsonb_build_object(
    'name', g.name, 'kind', g.kind, 'stage', g.stage, 'stage_on', g.stage_on, 'stage_document', g.stage_document,
    'stage_body', g.stage_body, 'users_answer', g.users_answer, 'users_on', g.users_on,
    'users_document', g.users_document, 'offenders_answer', g.offenders_answer, 'offenders_on', g.offenders_on,
    'offenders_document', g.offenders_document, 'places_answer', g.places_answer, 'places_on', g.places_on,
    'places_document', g.places_document, 'is_pilot', g.is_pilot, 'household_count', g.household_count,
    'resident_count', g.resident_count, 'last_reviewed_on', g.last_reviewed_on,
    'geom', encode(ST_AsEWKB(g.geom), 'hex'))
$$;
CREATE FUNCTION tracked(s group_statuses) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = public, pg_temp AS $$
  SELECT jsonb_build_object(
    'name', s.name, 'kind', s.kind, 'stage', s.stage, 'stage_on', s.stage_on, 'stage_document', s.stage_document,
    'stage_body', s.stage_body, 'users_answer', s.users_answer, 'users_on', s.users_on,
    'users_document', s.users_document, 'offenders_answer', s.offenders_answer, 'offenders_on', s.offenders_on,
    'offenders_document', s.offenders_document, 'places_answer', s.places_answer, 'places_on', s.places_on,
    'places_document', s.places_document, 'is_pilot', s.is_pilot, 'household_count', s.household_count,
    'resident_count', s.resident_count, 'last_reviewed_on', s.last_reviewed_on,
    'geom', encode(ST_AsEWKB(s.geom), 'hex'))
$$;

-- The one of three answers that Decision 28/2025/QĐ-TTg Article 6 gives, for criteria answered on these days. Only what
-- was reviewed within the evaluation period (15 December to 14 December) of `day` counts.
CREATE FUNCTION period_start(day date) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT make_date(extract(year FROM day + 17)::int - 1, 12, 15)
$$;
CREATE FUNCTION drug_free(day date, users text, users_on date, offenders text, offenders_on date,
                          places text, places_on date) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN 'not_met' = ANY (a.answers) THEN 'not_met'
              WHEN 'not_reviewed' = ANY (a.answers) THEN 'not_reviewed' ELSE 'met' END
  FROM (SELECT ARRAY[
    CASE WHEN users_on BETWEEN period_start(day) AND day THEN users ELSE 'not_reviewed' END,
    CASE WHEN offenders_on BETWEEN period_start(day) AND day THEN offenders ELSE 'not_reviewed' END,
    CASE WHEN places_on BETWEEN period_start(day) AND day THEN places ELSE 'not_reviewed' END] AS answers) AS a
$$;

-- A moment after every earlier one in the history of a group.
CREATE FUNCTION next_moment(of_group bigint) RETURNS timestamptz
LANGUAGE sql VOLATILE SET search_path = public, pg_temp AS $$
  SELECT greatest(clock_timestamp(), max(greatest(lower(known), upper(known))) + interval '1 microsecond')
  FROM group_statuses WHERE group_id = of_group
$$;

-- A moment at which nothing is half known: no writer of the commune is between its clock and its commit. Whoever asks
-- again "as known at" this moment gets the same answer for ever. Holds writers up until the transaction ends.
CREATE FUNCTION known_moment(of_commune integer) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(28, of_commune);
  RETURN clock_timestamp();
END
$$;

CREATE FUNCTION add_status(piece group_statuses, held daterange, since timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  piece.id := nextval(pg_get_serial_sequence('group_statuses', 'id'));
  piece.valid := held;
  piece.known := tstzrange(since, NULL);
  INSERT INTO group_statuses SELECT piece.*;
END
$$;

-- From now on the system knows that in `held` the patch was true; with no patch, that the group was not there.
-- The caller holds the group's row.
CREATE FUNCTION record_status(of_group bigint, held daterange, patch jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  piece group_statuses%ROWTYPE;
  moment timestamptz;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(28, s.commune_id) FROM group_statuses AS s WHERE s.group_id = of_group LIMIT 1;
  moment := next_moment(of_group);
  FOR piece IN SELECT * FROM group_statuses AS s
               WHERE s.group_id = of_group AND upper_inf(s.known) AND s.valid && held FOR UPDATE LOOP
    UPDATE group_statuses AS s SET known = tstzrange(lower(s.known), moment) WHERE s.id = piece.id;
    IF lower(piece.valid) < lower(held) THEN
      PERFORM add_status(piece, daterange(lower(piece.valid), lower(held)), moment);
    END IF;
    IF NOT upper_inf(held) AND (upper_inf(piece.valid) OR upper(piece.valid) > upper(held)) THEN
      PERFORM add_status(piece, daterange(upper(held), upper(piece.valid)), moment);
    END IF;
    IF patch IS NOT NULL THEN
      PERFORM add_status(jsonb_populate_record(piece, patch), piece.valid * held, moment);
    END IF;
  END LOOP;
END
$$;

-- Every door leads here: whatever changes a row of `groups` leaves its trace, from today on (a new group from its
-- `valid_from`). What the history says already is not written twice, so decided changes may set the row themselves.
CREATE FUNCTION track_group() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  since date := vietnam_today();
  piece group_statuses%ROWTYPE;
  patch jsonb;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(28, coalesce(NEW.commune_id, OLD.commune_id));
  IF TG_OP = 'DELETE' THEN
    UPDATE group_statuses AS s SET known = tstzrange(lower(s.known), next_moment(OLD.id))
    WHERE s.group_id = OLD.id AND upper_inf(s.known);
    RETURN NULL;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    SELECT greatest(since, min(lower(s.valid))) INTO since FROM group_statuses AS s
    WHERE s.group_id = NEW.id AND upper_inf(s.known);
    SELECT * INTO piece FROM group_statuses AS s
    WHERE s.group_id = NEW.id AND upper_inf(s.known) AND s.valid @> since;
  ELSE
    since := coalesce(NEW.valid_from, since);
  END IF;
  IF piece.id IS NULL THEN
    piece := jsonb_populate_record(piece, tracked(NEW));
    piece.group_id := NEW.id;
    piece.commune_id := NEW.commune_id;
    IF NEW.valid_to IS NULL OR NEW.valid_to > since THEN
      PERFORM add_status(piece, daterange(since, NEW.valid_to), coalesce(next_moment(NEW.id), clock_timestamp()));
    END IF;
    RETURN NULL;
  END IF;
  SELECT jsonb_object_agg(n.key, n.value) INTO patch FROM jsonb_each(tracked(NEW)) AS n
  WHERE n.value IS DISTINCT FROM tracked(piece) -> n.key;
  IF patch IS NOT NULL THEN
    PERFORM record_status(NEW.id, daterange(since, NULL), patch);
  END IF;
  IF NEW.valid_to IS DISTINCT FROM OLD.valid_to AND NEW.valid_to IS NOT NULL THEN
    PERFORM record_status(NEW.id, daterange(NEW.valid_to, NULL), NULL);
  END IF;
  RETURN NULL;
END
$$;

-- The row of `groups` says what holds today.
CREATE FUNCTION sync_group(of_group bigint) RETURNS void
LANGUAGE sql SET search_path = public, pg_temp AS $$
  UPDATE groups AS g SET
    stage = s.stage, stage_on = s.stage_on, stage_document = s.stage_document, stage_body = s.stage_body,
    users_answer = s.users_answer, users_on = s.users_on, users_document = s.users_document,
    offenders_answer = s.offenders_answer, offenders_on = s.offenders_on, offenders_document = s.offenders_document,
    places_answer = s.places_answer, places_on = s.places_on, places_document = s.places_document,
    last_reviewed_on = s.last_reviewed_on
  FROM group_statuses AS s
  WHERE g.id = of_group AND s.group_id = of_group AND upper_inf(s.known) AND s.valid @> vietnam_today()
$$;

CREATE TRIGGER groups_track AFTER INSERT OR UPDATE OR DELETE ON groups FOR EACH ROW EXECUTE FUNCTION track_group();

ALTER FUNCTION tracked(groups) OWNER TO gis_owner;
ALTER FUNCTION tracked(group_statuses) OWNER TO gis_owner;
ALTER FUNCTION period_start(date) OWNER TO gis_owner;
ALTER FUNCTION drug_free(date, text, date, text, date, text, date) OWNER TO gis_owner;
ALTER FUNCTION next_moment(bigint) OWNER TO gis_owner;
ALTER FUNCTION known_moment(integer) OWNER TO gis_owner;
ALTER FUNCTION add_status(group_statuses, daterange, timestamptz) OWNER TO gis_owner;
ALTER FUNCTION record_status(bigint, daterange, jsonb) OWNER TO gis_owner;
ALTER FUNCTION track_group() OWNER TO gis_owner;
ALTER FUNCTION sync_group(bigint) OWNER TO gis_owner;
REVOKE EXECUTE ON FUNCTION add_status(group_statuses, daterange, timestamptz), record_status(bigint, daterange, jsonb),
  sync_group(bigint) FROM PUBLIC;
