-- Notices that the database writes itself: a shift was issued, a group lost its stage, a neighbour proposes, a job ended,
-- tips wait. They name an address of the programme (`link`) and nothing that a person typed.

DROP POLICY notices_read ON notices;
CREATE POLICY notices_read ON notices FOR SELECT TO gis_app USING (commune_id = acting_commune()
  AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'patrol', 'planner', 'supervisor')
  AND (role = current_setting('app.role', true) OR unit_id = ANY ((SELECT acting_units())::bigint[])
       OR username = current_setting('app.username', true)));
-- Not username: whose it is, its reader knows.
GRANT SELECT (about, link) ON notices TO gis_app;

-- As the system, so that the log keeps what was done and by whom, not that somebody was told: a neighbour's account
-- would stand in the log of the commune that is told. `known_to`: who did it has read it.
CREATE FUNCTION tell(of_commune integer, of_kind text, to_role text, to_unit bigint, to_username text, on_group bigint,
                     with_about text, with_link text, known_to text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp SET app.role = 'system' AS $$
  WITH made AS (
    INSERT INTO notices (commune_id, kind, role, unit_id, username, group_id, about, link, created_by)
    VALUES (of_commune, of_kind, to_role, to_unit, to_username, on_group, with_about, with_link, '') RETURNING id)
  INSERT INTO notice_reads (notice_id, username)
  SELECT m.id, c.username FROM made AS m JOIN accounts AS c ON c.username = known_to
$$;

CREATE FUNCTION tell_of_shift() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM tell(NEW.commune_id, 'shift_issued', 'patrol', NULL, NULL, NULL,
               to_char(NEW.shift_on, 'DD/MM/YYYY') || ', ' ||
               to_char(time '00:00' + make_interval(mins => NEW.start_min % 1440), 'HH24:MI') || '–' ||
               CASE NEW.end_min WHEN 1440 THEN '24:00'
                 ELSE to_char(time '00:00' + make_interval(mins => NEW.end_min % 1440), 'HH24:MI') END,
               '/tuan-tra/' || NEW.id, current_setting('app.username', true));
  RETURN NULL;
END
$$;
CREATE TRIGGER patrol_plans_tell AFTER UPDATE OF state ON patrol_plans FOR EACH ROW
  WHEN (NEW.state = 'issued' AND OLD.state = 'draft') EXECUTE FUNCTION tell_of_shift();

-- Those who lead, those who enter data, the patrols, and the unit in charge.
CREATE FUNCTION tell_of_lapse() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  unit bigint := unit_in_charge(NEW.group_id, vietnam_today());
BEGIN
  IF NOT EXISTS (SELECT 1 FROM groups AS g WHERE g.id = NEW.group_id
                 AND (g.valid_to IS NULL OR g.valid_to > vietnam_today())) THEN
    RETURN NULL;
  END IF;
  PERFORM tell(NEW.commune_id, 'stage_lapsed', who.role, NULL, NULL, NEW.group_id, NULL, NULL,
               current_setting('app.username', true))
  FROM unnest(ARRAY['admin', 'committee', 'data', 'patrol', 'supervisor']) AS who (role);
  IF unit IS NOT NULL THEN
    PERFORM tell(NEW.commune_id, 'stage_lapsed', NULL, unit, NULL, NEW.group_id, NULL, NULL,
                 current_setting('app.username', true));
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER stage_changes_tell_lapse AFTER UPDATE OF state ON stage_changes FOR EACH ROW
  WHEN (NEW.state = 'approved' AND OLD.state <> 'approved' AND NEW.to_stage = 'lapsed')
  EXECUTE FUNCTION tell_of_lapse();

-- Those of the other side who may approve.
CREATE FUNCTION tell_of_proposal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM tell(NEW.commune_b, 'agreement_proposed', who.role, NULL, NULL, NULL, left(NEW.name_a, 200),
               '/giap-ranh/' || NEW.id, NULL)
  FROM unnest(ARRAY['admin', 'committee']) AS who (role);
  RETURN NULL;
END
$$;
CREATE TRIGGER agreements_tell AFTER INSERT ON agreements FOR EACH ROW
  WHEN (NEW.state = 'proposed') EXECUTE FUNCTION tell_of_proposal();

-- Who asked for a report, or for a file's rows to be stored.
CREATE FUNCTION tell_of_job() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM accounts AS c WHERE c.username = NEW.asked_by) THEN
    PERFORM tell(NEW.commune_id, CASE NEW.state WHEN 'done' THEN NEW.kind || '_done' ELSE 'job_failed' END,
                 NULL, NULL, NEW.asked_by, NULL, CASE NEW.state WHEN 'failed' THEN NEW.kind END,
                 CASE WHEN NEW.kind = 'import' THEN '/du-lieu/nhap/' || (NEW.parameters ->> 'import_id')
                      WHEN NEW.result ~ '^/bao-cao/[0-9]+$' THEN NEW.result ELSE '/bao-cao' END, NULL);
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER jobs_tell AFTER UPDATE OF state ON jobs FOR EACH ROW
  WHEN (NEW.state IN ('done', 'failed') AND OLD.state <> NEW.state
        AND (NEW.kind = 'report' OR NEW.kind = 'import' AND NEW.parameters ->> 'part' = 'apply'))
  EXECUTE FUNCTION tell_of_job();

-- That tips came, once a half day, and that the day of one has come, once a day: no place, no subject, no number, and the
-- moment as coarse as the tip's own. The worker asks every hour, so that not even the order of notices tells when one
-- came. The days are those of gis_app/analysis/tip_clock.py. How many notices were written.
CREATE FUNCTION tell_of_tips(maybe_crime text[], look_days integer, verify_days integer, remark_days integer)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  told integer;
BEGIN
  IF coalesce(current_setting('app.role', true), '') <> 'system' OR acting_commune() IS NOT NULL THEN
    RETURN 0;
  END IF;
  WITH wanted AS (
    SELECT t.commune_id, 'tip_new' AS kind FROM tips AS t
    WHERE t.state = 'new' AND NOT t.is_held AND t.received_at >= half_day() - interval '12 hours'
      AND NOT EXISTS (SELECT 1 FROM notices AS n WHERE n.commune_id = t.commune_id AND n.kind = 'tip_new'
                      AND n.created_at >= t.received_at)
    UNION
    SELECT t.commune_id, 'tip_due' FROM tips AS t
    WHERE t.state <> 'closed' AND NOT t.is_held
      AND (t.received_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
          + CASE WHEN t.subject <> ALL (maybe_crime) THEN remark_days
                 WHEN t.state = 'new' AND t.handed_on IS NULL THEN look_days ELSE verify_days END <= vietnam_today()
      AND NOT EXISTS (SELECT 1 FROM notices AS n WHERE n.commune_id = t.commune_id AND n.kind = 'tip_due'
                      AND (n.created_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date = vietnam_today()))
  INSERT INTO notices (commune_id, kind, role, link, created_by, created_at)
  SELECT w.commune_id, w.kind, who.role, '/tin/tiep-nhan', '', half_day()
  FROM wanted AS w CROSS JOIN unnest(ARRAY['admin', 'data', 'patrol']) AS who (role);
  GET DIAGNOSTICS told = ROW_COUNT;
  RETURN told;
END
$$;

-- A notice of a year ago tells nobody anything; one of tips goes as the tips do.
CREATE FUNCTION delete_old_notices() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (DELETE FROM notices
                WHERE created_at < now() - CASE WHEN kind IN ('tip_new', 'tip_due') THEN interval '90 days'
                                                ELSE interval '365 days' END RETURNING 1)
  SELECT count(*) FROM gone
$$;

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY[
    'tell(integer, text, text, bigint, text, bigint, text, text, text)', 'tell_of_shift()', 'tell_of_lapse()',
    'tell_of_proposal()', 'tell_of_job()', 'tell_of_tips(text[], integer, integer, integer)',
    'delete_old_notices()'] LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO gis_owner', name);
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', name);
  END LOOP;
END
$$;
GRANT EXECUTE ON FUNCTION tell_of_tips(text[], integer, integer, integer), delete_old_notices() TO gis_app;
