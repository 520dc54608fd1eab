-- Checks of venues: owner, policies, the log, and the functions that alone write. The venue's own two days follow from
-- its last record; a day that an edit, a survey or a file writes there becomes a record without an outcome.

ALTER TABLE venue_checks OWNER TO gis_owner;
ALTER TABLE venue_checks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY venue_checks_owner ON venue_checks TO gis_owner USING (true);
CREATE POLICY venue_checks_read ON venue_checks FOR SELECT TO gis_app
  USING (commune_id = acting_commune() AND current_setting('app.role', true) IN ('admin', 'data', 'patrol', 'supervisor'));
GRANT SELECT ON venue_checks TO gis_app;
CREATE TRIGGER venue_checks_audit_rows_insert AFTER INSERT ON venue_checks REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows();
CREATE TRIGGER venue_checks_audit_rows_update AFTER UPDATE ON venue_checks
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows();
CREATE TRIGGER venue_checks_audit_rows_delete AFTER DELETE ON venue_checks REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows();

-- What stands in the table already.
INSERT INTO venue_checks (commune_id, venue_id, checked_on, outcome, next_due_on)
SELECT v.commune_id, v.id, v.last_checked_on, 'unknown', v.next_due_on FROM venues AS v WHERE v.last_checked_on IS NOT NULL;

CREATE FUNCTION derive_venue_check(venue bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE venues AS v SET last_checked_on = last.checked_on, next_due_on = last.next_due_on
  FROM (SELECT venue AS id) AS one
  LEFT JOIN LATERAL (SELECT c.checked_on, c.next_due_on FROM venue_checks AS c WHERE c.venue_id = venue
                     ORDER BY c.checked_on DESC LIMIT 1) AS last ON true
  WHERE v.id = one.id
    AND (v.last_checked_on, v.next_due_on) IS DISTINCT FROM (last.checked_on, last.next_due_on)
$$;
ALTER FUNCTION derive_venue_check(bigint) OWNER TO gis_owner;

CREATE FUNCTION follow_venue_check() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM derive_venue_check(coalesce(NEW.venue_id, OLD.venue_id));
  RETURN NULL;
END
$$;
ALTER FUNCTION follow_venue_check() OWNER TO gis_owner;
CREATE TRIGGER venue_checks_follow AFTER INSERT OR UPDATE OR DELETE ON venue_checks
  FOR EACH ROW EXECUTE FUNCTION follow_venue_check();

-- Days written on the venue itself. What the record writes there comes back here, and stops.
CREATE FUNCTION note_venue_check() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF pg_trigger_depth() = 1 THEN
    IF TG_OP = 'UPDATE' AND (NEW.last_checked_on IS NULL OR NEW.last_checked_on < OLD.last_checked_on) THEN
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
ALTER FUNCTION note_venue_check() OWNER TO gis_owner;
CREATE TRIGGER venues_check AFTER INSERT OR UPDATE OF last_checked_on, next_due_on ON venues
  FOR EACH ROW EXECUTE FUNCTION note_venue_check();

-- recorded, role, missing, too_late (a day to come), bad_due (the next one not after it), same_day (there is a record).
CREATE FUNCTION record_venue_check(venue bigint, day date, result text, words text, due date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me integer := acting_commune();
BEGIN
  IF coalesce(current_setting('app.role', true), '') NOT IN ('admin', 'data', 'patrol') THEN
    RETURN 'role';
  END IF;
  PERFORM 1 FROM venues AS v WHERE v.id = venue AND v.commune_id = me FOR UPDATE;
  IF NOT FOUND THEN
    RETURN 'missing';
  ELSIF day > vietnam_today() THEN
    RETURN 'too_late';
  ELSIF due <= day THEN
    RETURN 'bad_due';
  END IF;
  INSERT INTO venue_checks AS c (commune_id, venue_id, checked_on, outcome, note, next_due_on)
  VALUES (me, venue, day, result, words, due)
  ON CONFLICT (venue_id, checked_on) DO UPDATE
    SET outcome = EXCLUDED.outcome, note = EXCLUDED.note, next_due_on = EXCLUDED.next_due_on
    WHERE c.outcome = 'unknown';
  RETURN CASE WHEN FOUND THEN 'recorded' ELSE 'same_day' END;
END
$$;
ALTER FUNCTION record_venue_check(bigint, date, text, text, date) OWNER TO gis_owner;

-- What was written down by mistake: removed, role or missing. The log keeps what it said.
CREATE FUNCTION remove_venue_check(record bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF coalesce(current_setting('app.role', true), '') NOT IN ('admin', 'data') THEN
    RETURN 'role';
  END IF;
  DELETE FROM venue_checks AS c WHERE c.id = record AND c.commune_id = acting_commune();
  RETURN CASE WHEN FOUND THEN 'removed' ELSE 'missing' END;
END
$$;
ALTER FUNCTION remove_venue_check(bigint) OWNER TO gis_owner;

REVOKE EXECUTE ON FUNCTION derive_venue_check(bigint), follow_venue_check(), note_venue_check(),
  record_venue_check(bigint, date, text, text, date), remove_venue_check(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION record_venue_check(bigint, date, text, text, date), remove_venue_check(bigint) TO gis_app;
