-- Agreements of two neighbouring communes. The web reads the table and changes it by the functions below alone, so no
-- query can forge a state, a strip or a second person.

ALTER TABLE agreements OWNER TO gis_owner;
ALTER TABLE agreements ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY agreements_owner ON agreements TO gis_owner USING (true);
CREATE POLICY agreements_read ON agreements FOR SELECT TO gis_app
  USING (nullif(current_setting('app.commune_id', true), '')::int IN (commune_a, commune_b)
         AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'patrol', 'planner', 'supervisor'));
-- Not proposed_by and approved_by: accounts of the other commune are not this commune's business.
GRANT SELECT (id, commune_a, commune_b, name_a, name_b, width_m, layers, proposed_on, ends_on, state, strip,
              approved_at, ended_at, version) ON agreements TO gis_app;

-- People agree on days in Vietnam, wherever the server's clock stands.
CREATE FUNCTION vietnam_today() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date $$;
ALTER FUNCTION vietnam_today() OWNER TO gis_owner;

-- The acting commune's agreements in force; every view shared_<layer> stands on it. A city reader who has entered a
-- commune is no officer of it: what a neighbour shares was not granted to the city.
CREATE VIEW open_agreements WITH (security_barrier) AS
  SELECT a.id, CASE WHEN a.commune_a = me.id THEN a.commune_b ELSE a.commune_a END AS neighbour_id, a.layers, a.strip
  FROM agreements AS a
  CROSS JOIN (SELECT nullif(current_setting('app.commune_id', true), '')::int AS id) AS me
  WHERE a.state = 'approved' AND a.ends_on >= vietnam_today() AND me.id IN (a.commune_a, a.commune_b)
    AND NOT EXISTS (SELECT 1 FROM accounts AS c
                    WHERE c.username = current_setting('app.username', true) AND c.role = 'city');
ALTER VIEW open_agreements OWNER TO gis_owner;

-- Communes whose outlines lie within 50 m of the acting commune's: name and code, which are public.
CREATE FUNCTION touching_communes() RETURNS TABLE (id integer, code text, full_name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT other.id, other.code, other.full_name
  FROM communes AS own
  -- 0.001 degrees are more than 50 m everywhere in Vietnam; the box reads the GiST index.
  JOIN communes AS other ON other.id <> own.id AND other.geom && ST_Expand(own.geom, 0.001)
   AND ST_DWithin(ST_Transform(own.geom, coalesce(own.metric_srid, 3405)),
                  ST_Transform(other.geom, coalesce(own.metric_srid, 3405)), 50)
  WHERE own.id = nullif(current_setting('app.commune_id', true), '')::int
    AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'patrol', 'planner', 'supervisor')
  ORDER BY other.full_name COLLATE "vi-x-icu"
$$;
ALTER FUNCTION touching_communes() OWNER TO gis_owner;

-- What lies in either commune at most width_m metres behind the common boundary (EPSG:4326; measured in the metric
-- zone of side_a). Outlines that leave a gap of up to 50 m between them count as one boundary. NULL: no neighbours.
CREATE FUNCTION boundary_strip(side_a integer, side_b integer, width_m integer) RETURNS geometry
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  srid integer;
  a geometry;
  b geometry;
  reach double precision;
  strip geometry;
BEGIN
  SELECT coalesce(c.metric_srid, 3405) INTO srid FROM communes AS c WHERE c.id = side_a;
  SELECT ST_Transform(c.geom, srid) INTO a FROM communes AS c WHERE c.id = side_a;
  SELECT ST_Transform(c.geom, srid) INTO b FROM communes AS c WHERE c.id = side_b;
  IF a IS NULL OR b IS NULL OR NOT ST_DWithin(a, b, 50) THEN
    RETURN NULL;
  END IF;
  reach := width_m + ST_Distance(a, b);
  -- Only the part of the other's outline that can reach this side is widened.
  strip := ST_Union(
    ST_Intersection(a, ST_Buffer(ST_ClipByBox2D(ST_Boundary(b), ST_Expand(a, reach)::box2d), reach, 'quad_segs=16')),
    ST_Intersection(b, ST_Buffer(ST_ClipByBox2D(ST_Boundary(a), ST_Expand(b, reach)::box2d), reach, 'quad_segs=16')));
  strip := ST_Multi(ST_CollectionExtract(ST_MakeValid(ST_Transform(strip, 4326)), 3));
  RETURN CASE WHEN ST_IsEmpty(strip) THEN NULL ELSE strip END;
END
$$;
ALTER FUNCTION boundary_strip(integer, integer, integer) OWNER TO gis_owner;

-- Agreements past their day share nothing by themselves; this says so in the table and in the logs. For the daily job,
-- which acts in no commune.
CREATE FUNCTION close_expired_agreements() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  closed integer;
BEGIN
  UPDATE agreements SET state = 'ended', ended_at = now(), version = version + 1
  WHERE state <> 'ended' AND ends_on < vietnam_today()
    AND coalesce(current_setting('app.commune_id', true), '') = '';
  GET DIAGNOSTICS closed = ROW_COUNT;
  RETURN closed;
END
$$;
ALTER FUNCTION close_expired_agreements() OWNER TO gis_owner;

CREATE FUNCTION propose_agreement(neighbour integer, width integer, wanted text[], until_on date,
                                  OUT outcome text, OUT agreement_id bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me integer := nullif(current_setting('app.commune_id', true), '')::int;
  who text := coalesce(current_setting('app.username', true), '');
BEGIN
  IF me IS NULL OR who = '' OR coalesce(current_setting('app.role', true), '') NOT IN ('admin', 'committee', 'data') THEN
    outcome := 'role';
    RETURN;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM touching_communes() AS t WHERE t.id = neighbour) THEN
    outcome := 'not_neighbour';
    RETURN;
  END IF;
  -- Both sides proposing at once wait for each other here.
  PERFORM pg_advisory_xact_lock(least(me, neighbour), greatest(me, neighbour));
  IF EXISTS (SELECT 1 FROM agreements AS a WHERE a.state = 'proposed' AND a.ends_on >= vietnam_today()
             AND me IN (a.commune_a, a.commune_b) AND neighbour IN (a.commune_a, a.commune_b)) THEN
    outcome := 'exists';
    RETURN;
  END IF;
  INSERT INTO agreements (commune_a, commune_b, name_a, name_b, width_m, layers, proposed_on, ends_on, proposed_by)
  SELECT me, neighbour, own.full_name, other.full_name, width, wanted, vietnam_today(), until_on, who
  FROM communes AS own, communes AS other WHERE own.id = me AND other.id = neighbour
  RETURNING id INTO agreement_id;
  outcome := 'proposed';
END
$$;
ALTER FUNCTION propose_agreement(integer, integer, text[], date) OWNER TO gis_owner;

-- The other side approves, by its leadership and by another person (an administrator may have entered both communes).
-- A new agreement of the same two communes takes the place of the one in force.
CREATE FUNCTION approve_agreement(agreement bigint, seen_version integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me integer := nullif(current_setting('app.commune_id', true), '')::int;
  who text := coalesce(current_setting('app.username', true), '');
  found agreements%ROWTYPE;
  shape geometry;
BEGIN
  IF me IS NULL OR who = '' OR coalesce(current_setting('app.role', true), '') NOT IN ('admin', 'committee') THEN
    RETURN 'role';
  END IF;
  SELECT * INTO found FROM agreements AS a
  WHERE a.id = agreement AND me IN (a.commune_a, a.commune_b) FOR UPDATE;
  IF found.id IS NULL THEN
    RETURN 'missing';
  ELSIF found.version <> seen_version THEN
    RETURN 'stale';
  ELSIF found.state <> 'proposed' OR found.ends_on < vietnam_today() THEN
    RETURN 'not_proposed';
  ELSIF found.commune_a = me THEN
    RETURN 'own_side';
  ELSIF found.proposed_by = who THEN
    RETURN 'same_person';
  END IF;
  shape := boundary_strip(found.commune_a, found.commune_b, found.width_m);
  IF shape IS NULL THEN
    RETURN 'no_strip';
  END IF;
  UPDATE agreements AS a SET state = 'ended', ended_at = now(), version = a.version + 1
  WHERE a.state = 'approved' AND found.commune_a IN (a.commune_a, a.commune_b)
    AND found.commune_b IN (a.commune_a, a.commune_b);
  UPDATE agreements AS a SET state = 'approved', strip = shape, approved_by = who, approved_at = now(),
    version = a.version + 1
  WHERE a.id = agreement;
  RETURN 'approved';
END
$$;
ALTER FUNCTION approve_agreement(bigint, integer) OWNER TO gis_owner;

-- Either side ends it at once: a proposal is withdrawn or declined, an agreement closed.
CREATE FUNCTION end_agreement(agreement bigint, seen_version integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me integer := nullif(current_setting('app.commune_id', true), '')::int;
  who text := coalesce(current_setting('app.username', true), '');
  found agreements%ROWTYPE;
BEGIN
  IF me IS NULL OR who = '' OR coalesce(current_setting('app.role', true), '') NOT IN ('admin', 'committee', 'data') THEN
    RETURN 'role';
  END IF;
  SELECT * INTO found FROM agreements AS a
  WHERE a.id = agreement AND me IN (a.commune_a, a.commune_b) FOR UPDATE;
  IF found.id IS NULL THEN
    RETURN 'missing';
  ELSIF found.version <> seen_version THEN
    RETURN 'stale';
  ELSIF found.state = 'ended' THEN
    RETURN 'ended_before';
  END IF;
  UPDATE agreements AS a SET state = 'ended', ended_at = now(), version = a.version + 1 WHERE a.id = agreement;
  RETURN 'ended';
END
$$;
ALTER FUNCTION end_agreement(bigint, integer) OWNER TO gis_owner;

-- Every step stands in the log of both communes; the account only in the log of its own, the other reads '@commune'.
CREATE FUNCTION audit_agreements() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me integer := nullif(current_setting('app.commune_id', true), '')::int;
  who text := coalesce(current_setting('app.username', true), '');
  hidden text[] := ARRAY['strip', 'proposed_by', 'approved_by'];
  step text := CASE WHEN TG_OP = 'INSERT' THEN 'proposed' WHEN OLD.state = NEW.state THEN 'update'
                    WHEN NEW.state = 'approved' THEN 'approved' ELSE 'ended' END;
BEGIN
  INSERT INTO audit_entries (commune_id, role, username, action, table_name, row_id, before, after)
  SELECT side, coalesce(current_setting('app.role', true), ''),
         CASE WHEN me IS NULL OR side = me THEN who ELSE '@' || me END,
         step, 'agreements', NEW.id,
         CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) - hidden END, to_jsonb(NEW) - hidden
  FROM unnest(ARRAY[NEW.commune_a, NEW.commune_b]) AS side;
  RETURN NULL;
END
$$;
ALTER FUNCTION audit_agreements() OWNER TO gis_owner;
CREATE TRIGGER agreements_audit AFTER INSERT OR UPDATE ON agreements FOR EACH ROW EXECUTE FUNCTION audit_agreements();

REVOKE EXECUTE ON FUNCTION touching_communes(), boundary_strip(integer, integer, integer), close_expired_agreements(),
  propose_agreement(integer, integer, text[], date), approve_agreement(bigint, integer), end_agreement(bigint, integer),
  audit_agreements() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION touching_communes(), close_expired_agreements(), propose_agreement(integer, integer, text[], date),
  approve_agreement(bigint, integer), end_agreement(bigint, integer) TO gis_app;
