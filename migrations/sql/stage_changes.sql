-- Stage changes: one person proposes, a second decides (DOMAIN.md section 3). The web reads the table and changes it by
-- the functions below alone, so no query can forge a state or a second person.

ALTER TABLE stage_steps OWNER TO gis_owner;
ALTER TABLE stage_steps ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY stage_steps_owner ON stage_steps TO gis_owner USING (true);
CREATE POLICY stage_steps_read ON stage_steps FOR SELECT TO gis_app
  USING (commune_id IS NULL OR commune_id = nullif(current_setting('app.commune_id', true), '')::int);
CREATE POLICY stage_steps_write ON stage_steps TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND current_setting('app.role', true) = 'admin');
GRANT SELECT, INSERT, UPDATE, DELETE ON stage_steps TO gis_app;

-- What every commune starts with; a commune's own row of the same step takes its place.
INSERT INTO stage_steps (from_stage, to_stage, needs_document, needs_body, needs_reason) VALUES
  ('not_selected', 'cleaning', false, false, false),
  ('not_selected', 'building', false, false, false),
  ('cleaning', 'building', false, false, false),
  ('cleaning', 'not_selected', false, false, true),
  ('building', 'not_selected', false, false, true),
  ('building', 'proposed', true, false, false),
  ('proposed', 'building', false, false, true),
  ('proposed', 'recognised', true, true, false),
  ('recognised', 'maintained', true, true, false),
  ('maintained', 'maintained', true, true, false),
  ('recognised', 'lapsed', true, false, true),
  ('maintained', 'lapsed', true, false, true),
  ('lapsed', 'cleaning', false, false, false),
  ('lapsed', 'building', false, false, false);

ALTER TABLE stage_changes OWNER TO gis_owner;
ALTER TABLE stage_changes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY stage_changes_owner ON stage_changes TO gis_owner USING (true);
CREATE POLICY stage_changes_read ON stage_changes FOR SELECT TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'patrol', 'planner', 'supervisor'));
GRANT SELECT ON stage_changes TO gis_app;

CREATE FUNCTION audit_decisions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF coalesce(current_setting('app.role', true), '') <> 'system' THEN
    INSERT INTO audit_entries (commune_id, role, username, action, table_name, row_id, before, after)
    VALUES (NEW.commune_id, coalesce(current_setting('app.role', true), ''),
            coalesce(current_setting('app.username', true), ''), lower(TG_OP), TG_TABLE_NAME, NEW.id,
            CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) END, to_jsonb(NEW));
  END IF;
  RETURN NULL;
END
$$;
ALTER FUNCTION audit_decisions() OWNER TO gis_owner;
CREATE TRIGGER stage_changes_audit AFTER INSERT OR UPDATE ON stage_changes
  FOR EACH ROW EXECUTE FUNCTION audit_decisions();

CREATE TRIGGER stage_steps_audit AFTER INSERT OR UPDATE ON stage_steps
  FOR EACH ROW EXECUTE FUNCTION audit_decisions();

CREATE FUNCTION stage_step(of_commune integer, old_stage text, new_stage text) RETURNS stage_steps
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT * FROM stage_steps AS s
  WHERE (s.commune_id IS NULL OR s.commune_id = of_commune) AND s.from_stage = old_stage AND s.to_stage = new_stage
  ORDER BY s.commune_id NULLS LAST LIMIT 1
$$;
ALTER FUNCTION stage_step(integer, text, text) OWNER TO gis_owner;

-- What speaks against a change, or 'fine'. `period_day` is the day in whose evaluation period the criteria must be met.
CREATE FUNCTION weigh_stage_change(c stage_changes) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
  piece group_statuses%ROWTYPE;
  step stage_steps%ROWTYPE;
  period_day date := least(c.effective_on, make_date(c.period_year, 12, 14));
  criteria group_statuses%ROWTYPE;
BEGIN
  SELECT * INTO piece FROM group_statuses AS s
  WHERE s.group_id = c.group_id AND s.commune_id = c.commune_id AND upper_inf(s.known) AND s.valid @> c.effective_on;
  IF piece.id IS NULL THEN
    RETURN 'too_early';
  ELSIF c.effective_on > vietnam_today() THEN
    RETURN 'too_late';
  ELSIF piece.stage <> c.from_stage THEN
    RETURN 'moved_on';
  END IF;
  IF c.until_on IS NOT NULL AND (c.kind = 'move' OR c.until_on > vietnam_today()) THEN
    -- Nothing would end it on a day to come.
    RETURN 'bad_until';
  END IF;
  step := stage_step(c.commune_id, c.from_stage, c.to_stage);
  IF c.kind = 'correction' THEN
    -- What was written wrongly is put right: no order of steps, but the same grounds.
    SELECT * INTO step FROM stage_steps AS s
    WHERE (s.commune_id IS NULL OR s.commune_id = c.commune_id) AND s.to_stage = c.to_stage
    ORDER BY s.commune_id NULLS LAST, s.id DESC LIMIT 1;
    step.needs_reason := true;
  ELSIF step.id IS NULL OR NOT step.is_allowed THEN
    RETURN 'move_not_allowed';
  END IF;
  -- After its end a period can be recognised for 92 days more.
  IF c.period_year <> extract(year FROM c.effective_on + 17)::int
     AND c.effective_on NOT BETWEEN period_start(make_date(c.period_year, 12, 14))
                                AND make_date(c.period_year, 12, 14) + 92 THEN
    RETURN 'other_period';
  ELSIF c.kind = 'move' AND c.from_stage = c.to_stage AND (
      EXISTS (SELECT 1 FROM stage_changes AS d WHERE d.group_id = c.group_id AND d.state = 'approved'
              AND d.to_stage = c.to_stage AND d.period_year = c.period_year)
      OR (piece.stage_on >= period_start(make_date(c.period_year, 12, 14))
          AND NOT EXISTS (SELECT 1 FROM stage_changes AS d WHERE d.group_id = c.group_id AND d.state = 'approved'
                          AND d.to_stage = c.to_stage))) THEN
    RETURN 'confirmed_before';
  ELSIF step.needs_document AND coalesce(c.document, '') = '' THEN
    RETURN 'needs_document';
  ELSIF step.needs_body AND coalesce(c.recognising_body, '') = '' THEN
    RETURN 'needs_body';
  ELSIF step.needs_reason AND coalesce(c.reason, '') = '' THEN
    RETURN 'needs_reason';
  END IF;
  IF c.to_stage IN ('proposed', 'recognised', 'maintained') THEN
    -- Reviewed before the end of the period, perhaps entered later: what is known now about that day.
    SELECT * INTO criteria FROM group_statuses AS s
    WHERE s.group_id = c.group_id AND upper_inf(s.known) AND s.valid @> period_day;
    IF criteria.id IS NULL OR drug_free(period_day, criteria.users_answer, criteria.users_on, criteria.offenders_answer,
        criteria.offenders_on, criteria.places_answer, criteria.places_on) <> 'met'
       -- Met last period, but fallen since.
       OR drug_free(c.effective_on, piece.users_answer, piece.users_on, piece.offenders_answer, piece.offenders_on,
                    piece.places_answer, piece.places_on) = 'not_met' THEN
      RETURN 'not_drug_free';
    END IF;
  END IF;
  RETURN 'fine';
END
$$;
ALTER FUNCTION weigh_stage_change(stage_changes) OWNER TO gis_owner;

CREATE FUNCTION propose_stage_change(wanted jsonb, OUT outcome text, OUT change_id bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me integer := nullif(current_setting('app.commune_id', true), '')::int;
  who text := coalesce(current_setting('app.username', true), '');
  c stage_changes%ROWTYPE;
BEGIN
  IF me IS NULL OR who = '' OR coalesce(current_setting('app.role', true), '') NOT IN ('admin', 'committee', 'data') THEN
    outcome := 'role';
    RETURN;
  END IF;
  c := jsonb_populate_record(c, wanted);
  PERFORM 1 FROM groups AS g WHERE g.id = c.group_id AND g.commune_id = me FOR UPDATE;
  IF NOT FOUND THEN
    outcome := 'missing';
    RETURN;
  END IF;
  IF EXISTS (SELECT 1 FROM stage_changes AS s WHERE s.group_id = c.group_id AND s.state IN ('pending', 'deferred')) THEN
    outcome := 'open_before';
    RETURN;
  END IF;
  c.commune_id := me;
  SELECT s.stage INTO c.from_stage FROM group_statuses AS s
  WHERE s.group_id = c.group_id AND upper_inf(s.known) AND s.valid @> c.effective_on;
  outcome := weigh_stage_change(c);
  IF outcome <> 'fine' THEN
    RETURN;
  END IF;
  INSERT INTO stage_changes (commune_id, group_id, kind, from_stage, to_stage, effective_on, until_on, period_year,
                             document, recognising_body, reason, requested_by)
  VALUES (me, c.group_id, c.kind, c.from_stage, c.to_stage, c.effective_on, c.until_on, c.period_year,
          c.document, c.recognising_body, c.reason, who)
  RETURNING id INTO change_id;
  outcome := 'proposed';
END
$$;
ALTER FUNCTION propose_stage_change(jsonb) OWNER TO gis_owner;

-- approved, returned, deferred; withdrawn by who proposed.
CREATE FUNCTION decide_stage_change(change bigint, seen_version integer, decision text, note text, until_day date)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me integer := nullif(current_setting('app.commune_id', true), '')::int;
  who text := coalesce(current_setting('app.username', true), '');
  acting text := coalesce(current_setting('app.role', true), '');
  c stage_changes%ROWTYPE;
  step stage_steps%ROWTYPE;
  weighed text;
  until_on date;
BEGIN
  IF me IS NULL OR who = '' OR acting NOT IN ('admin', 'committee', 'data') THEN
    RETURN 'role';
  END IF;
  SELECT * INTO c FROM stage_changes AS s WHERE s.id = change AND s.commune_id = me FOR UPDATE;
  IF c.id IS NULL THEN
    RETURN 'missing';
  ELSIF c.version <> seen_version THEN
    RETURN 'stale';
  ELSIF c.state NOT IN ('pending', 'deferred') THEN
    RETURN 'decided_before';
  ELSIF (decision = 'withdrawn') <> (c.requested_by = who) THEN
    RETURN 'same_person';
  ELSIF decision IN ('returned', 'deferred') AND coalesce(note, '') = '' THEN
    RETURN 'needs_note';
  ELSIF decision = 'deferred' AND (until_day IS NULL OR until_day <= vietnam_today()) THEN
    RETURN 'needs_day';
  END IF;
  IF c.kind = 'correction' THEN
    SELECT * INTO step FROM stage_steps AS s
    WHERE (s.commune_id IS NULL OR s.commune_id = me) AND s.to_stage = c.to_stage
    ORDER BY s.commune_id NULLS LAST, s.id DESC LIMIT 1;
  ELSE
    step := stage_step(me, c.from_stage, c.to_stage);
  END IF;
  IF decision <> 'withdrawn' AND NOT acting = ANY (coalesce(step.approvers, ARRAY['admin', 'committee', 'data'])) THEN
    RETURN 'role';
  END IF;
  IF decision = 'approved' THEN
    PERFORM 1 FROM groups AS g WHERE g.id = c.group_id FOR UPDATE;
    weighed := weigh_stage_change(c);
    IF weighed <> 'fine' THEN
      RETURN weighed;
    END IF;
    -- A later stage that is known already stays as it is.
    SELECT least(c.until_on, min(greatest(lower(s.valid), s.stage_on))) INTO until_on FROM group_statuses AS s
    WHERE s.group_id = c.group_id AND upper_inf(s.known) AND s.stage_on > c.effective_on
      AND (upper_inf(s.valid) OR upper(s.valid) > c.effective_on);
    PERFORM record_status(c.group_id, daterange(c.effective_on, coalesce(until_on, c.until_on)), jsonb_build_object(
      'stage', c.to_stage, 'stage_on', c.effective_on, 'stage_document', c.document, 'stage_body', c.recognising_body));
    PERFORM sync_group(c.group_id);
  END IF;
  UPDATE stage_changes AS s SET
    state = decision, decided_by = CASE WHEN decision <> 'withdrawn' THEN who END, decided_at = now(),
    decision_note = note, deferred_until = CASE WHEN decision = 'deferred' THEN until_day END, version = s.version + 1
  WHERE s.id = c.id;
  RETURN decision;
END
$$;
ALTER FUNCTION decide_stage_change(bigint, integer, text, text, date) OWNER TO gis_owner;
