-- Open hotspots in each group of the acting commune: how many, never where. A committee reads groups, not points
-- (SECURITY_DESIGN.md section 5); a hotspot is a place, no person. Patrols' own finds count like any other here.
CREATE FUNCTION open_hotspots_by_group() RETURNS TABLE (group_id bigint, hotspot_count bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT g.id, count(h.id)
  FROM groups AS g
  JOIN hotspots AS h ON h.commune_id = g.commune_id AND h.geom && g.geom AND ST_Intersects(h.geom, g.geom)
  WHERE g.commune_id = nullif(current_setting('app.commune_id', true), '')::int
    AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'patrol', 'planner', 'supervisor')
    AND (g.valid_to IS NULL OR g.valid_to > vietnam_today())
    AND h.state IN ('new', 'verified', 'watched') AND (h.expires_on IS NULL OR h.expires_on >= current_date)
  GROUP BY g.id
$$;
ALTER FUNCTION open_hotspots_by_group() OWNER TO gis_owner;

ALTER TABLE reconciliations OWNER TO gis_owner;
ALTER TABLE reconciliations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY reconciliations_owner ON reconciliations TO gis_owner USING (true);
CREATE POLICY reconciliations_read ON reconciliations FOR SELECT TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'patrol', 'planner', 'supervisor'));
CREATE POLICY reconciliations_add ON reconciliations FOR INSERT TO gis_app
  WITH CHECK (commune_id = nullif(current_setting('app.commune_id', true), '')::int
              AND current_setting('app.role', true) IN ('admin', 'data'));
GRANT SELECT, INSERT ON reconciliations TO gis_app;
CREATE TRIGGER reconciliations_audit AFTER INSERT ON reconciliations
  FOR EACH ROW EXECUTE FUNCTION audit_decisions();

-- One person does not take a group out of the record that two have written: with a decision, a review or a lineage it
-- ends by a merge, a split or a renaming.
CREATE FUNCTION keep_decided_group() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF coalesce(current_setting('app.role', true), '') IN ('admin', 'data') AND (
      EXISTS (SELECT 1 FROM stage_changes AS c WHERE c.group_id = OLD.id AND c.state IN ('pending', 'deferred', 'approved'))
      OR EXISTS (SELECT 1 FROM group_reviews AS r WHERE r.group_id = OLD.id AND r.state IN ('submitted', 'approved'))
      OR EXISTS (SELECT 1 FROM group_lineages AS l WHERE OLD.id IN (l.parent_id, l.child_id))
      OR OLD.stage <> 'not_selected') THEN
    RAISE check_violation USING MESSAGE = 'the group has a history', CONSTRAINT = 'groups_history_kept';
  END IF;
  RETURN OLD;
END
$$;
ALTER FUNCTION keep_decided_group() OWNER TO gis_owner;
CREATE TRIGGER groups_keep BEFORE DELETE ON groups FOR EACH ROW EXECUTE FUNCTION keep_decided_group();

-- Who proposed or sent learns of the decision: its role's notices say so. No name of a person.
CREATE FUNCTION tell_decision() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.state IS DISTINCT FROM OLD.state AND NEW.decided_by IS NOT NULL
     AND EXISTS (SELECT 1 FROM groups AS g WHERE g.id = NEW.group_id
                 AND (g.valid_to IS NULL OR g.valid_to > vietnam_today())) THEN
    INSERT INTO notices (commune_id, kind, role, group_id)
    SELECT NEW.commune_id, 'proposal_decided', a.role, NEW.group_id
    FROM accounts AS a
    WHERE a.username = to_jsonb(NEW) ->> TG_ARGV[0] AND a.role IN ('admin', 'committee', 'data');
  END IF;
  RETURN NULL;
END
$$;
ALTER FUNCTION tell_decision() OWNER TO gis_owner;
CREATE TRIGGER stage_changes_tell AFTER UPDATE ON stage_changes
  FOR EACH ROW EXECUTE FUNCTION tell_decision('requested_by');
CREATE TRIGGER group_reviews_tell AFTER UPDATE ON group_reviews
  FOR EACH ROW EXECUTE FUNCTION tell_decision('submitted_by');

-- Open tasks, and the unit in charge, go over to the unit that came of a group; of a split to the child with most of
-- the households. What is done stays with the old unit's history.
CREATE FUNCTION carry_group_work() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  heir bigint;
BEGIN
  SELECT l.child_id INTO heir FROM group_lineages AS l WHERE l.parent_id = NEW.parent_id
  ORDER BY l.household_share DESC, l.child_id LIMIT 1;
  UPDATE tasks AS t SET group_id = heir WHERE t.state = 'open'
    AND (t.group_id = NEW.parent_id
         OR t.group_id IN (SELECT l.child_id FROM group_lineages AS l WHERE l.parent_id = NEW.parent_id));
  INSERT INTO group_units (commune_id, group_id, unit_id, from_on)
  SELECT u.commune_id, NEW.child_id, u.unit_id, NEW.changed_on FROM group_units AS u
  WHERE u.group_id = NEW.parent_id AND u.from_on <= NEW.changed_on
    AND NOT EXISTS (SELECT 1 FROM group_units AS n WHERE n.group_id = NEW.child_id)
  ORDER BY u.from_on DESC LIMIT 1;
  RETURN NULL;
END
$$;
ALTER FUNCTION carry_group_work() OWNER TO gis_owner;
CREATE TRIGGER group_lineages_carry AFTER INSERT ON group_lineages
  FOR EACH ROW EXECUTE FUNCTION carry_group_work();
