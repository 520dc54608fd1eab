-- Reviews of a group: a data officer fills the form of a period and sends it, a second person approves or returns it.
-- Drafts are edited by the web's role; `state` and who did what are set by the functions below alone.

ALTER TABLE group_reviews OWNER TO gis_owner;
ALTER TABLE group_reviews ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY group_reviews_owner ON group_reviews TO gis_owner USING (true);
CREATE POLICY group_reviews_read ON group_reviews FOR SELECT TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'patrol', 'planner', 'supervisor'));
CREATE POLICY group_reviews_add ON group_reviews FOR INSERT TO gis_app
  WITH CHECK (commune_id = nullif(current_setting('app.commune_id', true), '')::int
              AND current_setting('app.role', true) IN ('admin', 'data') AND state = 'draft');
CREATE POLICY group_reviews_change ON group_reviews FOR UPDATE TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND current_setting('app.role', true) IN ('admin', 'data') AND state IN ('draft', 'returned'));
GRANT SELECT ON group_reviews TO gis_app;
GRANT INSERT (commune_id, group_id, kind, starts_on, ends_on), UPDATE (
  reviewed_on, users_answer, users_document, offenders_answer, offenders_document, places_answer, places_document,
  communication_count, pledge_household_count, updated_at, version) ON group_reviews TO gis_app;
CREATE TRIGGER group_reviews_audit AFTER INSERT OR UPDATE ON group_reviews
  FOR EACH ROW EXECUTE FUNCTION audit_decisions();

-- Counts of persons by class: police roles of the commune alone (DOMAIN.md section 6).
ALTER TABLE review_counts OWNER TO gis_owner;
ALTER TABLE review_counts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY review_counts_owner ON review_counts TO gis_owner USING (true);
CREATE POLICY review_counts_read ON review_counts FOR SELECT TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND current_setting('app.role', true) IN ('admin', 'data', 'patrol'));
CREATE POLICY review_counts_write ON review_counts TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND current_setting('app.role', true) IN ('admin', 'data')
         AND EXISTS (SELECT 1 FROM group_reviews AS r WHERE r.id = review_id AND r.commune_id = review_counts.commune_id
                     AND r.state IN ('draft', 'returned')));
GRANT SELECT, INSERT, UPDATE ON review_counts TO gis_app;

CREATE FUNCTION submit_review(review bigint, seen_version integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me integer := nullif(current_setting('app.commune_id', true), '')::int;
  who text := coalesce(current_setting('app.username', true), '');
  r group_reviews%ROWTYPE;
  n review_counts%ROWTYPE;
BEGIN
  IF me IS NULL OR who = '' OR coalesce(current_setting('app.role', true), '') NOT IN ('admin', 'data') THEN
    RETURN 'role';
  END IF;
  SELECT * INTO r FROM group_reviews AS g WHERE g.id = review AND g.commune_id = me FOR UPDATE;
  IF r.id IS NULL THEN
    RETURN 'missing';
  ELSIF r.version <> seen_version THEN
    RETURN 'stale';
  ELSIF r.state NOT IN ('draft', 'returned') THEN
    RETURN 'sent_before';
  ELSIF r.reviewed_on IS NULL OR r.reviewed_on > vietnam_today() THEN
    RETURN 'needs_day';
  ELSIF (r.users_answer <> 'not_reviewed' AND r.users_document IS NULL)
     OR (r.offenders_answer <> 'not_reviewed' AND r.offenders_document IS NULL)
     OR (r.places_answer <> 'not_reviewed' AND r.places_document IS NULL) THEN
    RETURN 'needs_document';
  END IF;
  SELECT * INTO n FROM review_counts AS k WHERE k.review_id = r.id;
  -- Exempt persons contradict nothing; others do (Decision 28/2025/QĐ-TTg Article 6).
  IF (r.users_answer = 'met' AND coalesce(n.addicted_count, 0) + coalesce(n.using_count, 0) > 0)
     OR (r.offenders_answer = 'met' AND coalesce(n.offender_count, 0) > 0) THEN
    RETURN 'counts_contradict';
  END IF;
  UPDATE group_reviews AS g SET state = 'submitted', submitted_by = who, submitted_at = now(), decided_by = NULL,
    decided_at = NULL, decision_note = NULL, version = g.version + 1 WHERE g.id = r.id;
  RETURN 'submitted';
END
$$;
ALTER FUNCTION submit_review(bigint, integer) OWNER TO gis_owner;

CREATE FUNCTION decide_review(review bigint, seen_version integer, decision text, note text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me integer := nullif(current_setting('app.commune_id', true), '')::int;
  who text := coalesce(current_setting('app.username', true), '');
  r group_reviews%ROWTYPE;
  later date;
BEGIN
  IF me IS NULL OR who = '' OR coalesce(current_setting('app.role', true), '') NOT IN ('admin', 'committee', 'data') THEN
    RETURN 'role';
  END IF;
  SELECT * INTO r FROM group_reviews AS g WHERE g.id = review AND g.commune_id = me FOR UPDATE;
  IF r.id IS NULL THEN
    RETURN 'missing';
  ELSIF r.version <> seen_version THEN
    RETURN 'stale';
  ELSIF r.state <> 'submitted' THEN
    RETURN 'not_sent';
  ELSIF r.submitted_by = who THEN
    RETURN 'same_person';
  ELSIF decision = 'returned' AND coalesce(note, '') = '' THEN
    RETURN 'needs_note';
  END IF;
  IF decision = 'approved' THEN
    PERFORM 1 FROM groups AS g WHERE g.id = r.group_id AND g.commune_id = me FOR UPDATE;
    IF NOT FOUND THEN
      RETURN 'group_gone';
    END IF;
    -- A later review that is approved already keeps its days.
    SELECT min(greatest(lower(s.valid), s.last_reviewed_on)) INTO later FROM group_statuses AS s
    WHERE s.group_id = r.group_id AND upper_inf(s.known) AND s.last_reviewed_on > r.reviewed_on
      AND (upper_inf(s.valid) OR upper(s.valid) > r.reviewed_on);
    -- A criterion that the form leaves open keeps the answer it had.
    PERFORM record_status(r.group_id, daterange(r.reviewed_on, later),
      jsonb_build_object('last_reviewed_on', r.reviewed_on)
      || CASE WHEN r.users_answer <> 'not_reviewed' THEN jsonb_build_object(
           'users_answer', r.users_answer, 'users_on', r.reviewed_on, 'users_document', r.users_document) ELSE '{}' END
      || CASE WHEN r.offenders_answer <> 'not_reviewed' THEN jsonb_build_object(
           'offenders_answer', r.offenders_answer, 'offenders_on', r.reviewed_on,
           'offenders_document', r.offenders_document) ELSE '{}' END
      || CASE WHEN r.places_answer <> 'not_reviewed' THEN jsonb_build_object(
           'places_answer', r.places_answer, 'places_on', r.reviewed_on, 'places_document', r.places_document)
         ELSE '{}' END);
    PERFORM sync_group(r.group_id);
    IF later IS NULL THEN
      UPDATE groups AS g SET exempt_count = n.substitution_count + n.home_rehab_count + n.post_rehab_count,
                             other_count = n.addicted_count + n.using_count + n.offender_count
      FROM review_counts AS n WHERE n.review_id = r.id AND g.id = r.group_id;
    END IF;
  END IF;
  UPDATE group_reviews AS g SET state = decision, decided_by = who, decided_at = now(), decision_note = note,
    version = g.version + 1 WHERE g.id = r.id;
  RETURN decision;
END
$$;
ALTER FUNCTION decide_review(bigint, integer, text, text) OWNER TO gis_owner;
