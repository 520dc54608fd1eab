-- Scorecards and campaigns. Read by whoever reads reports (campaigns by all staff). Versions of the points and closed
-- years are added and never changed; what people write of a group is changed by its version.

DO $$
DECLARE
  tenant constant text := 'commune_id = nullif(current_setting(''app.commune_id'', true), '''')::int';
  readers constant text := 'current_setting(''app.role'', true) IN (''admin'', ''committee'', ''data'', ''supervisor'')';
  staff constant text :=
    'current_setting(''app.role'', true) IN (''admin'', ''committee'', ''data'', ''patrol'', ''planner'', ''supervisor'')';
  leaders constant text := 'current_setting(''app.role'', true) IN (''admin'', ''committee'')';
  editors constant text := 'current_setting(''app.role'', true) IN (''admin'', ''committee'', ''data'')';
  own_group constant text := 'EXISTS (SELECT 1 FROM groups AS g WHERE g.id = group_id AND g.commune_id = score_notes.commune_id)';
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['score_rules', 'score_notes', 'scorecards', 'campaigns'] LOOP
    EXECUTE format('ALTER TABLE %I OWNER TO gis_owner', name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY %I ON %I TO gis_owner USING (true)', name || '_owner', name);
    EXECUTE format('CREATE POLICY %I ON %I FOR SELECT TO gis_app USING (%s AND %s)', name || '_read', name, tenant,
                   CASE name WHEN 'campaigns' THEN staff ELSE readers END);
    EXECUTE format('CREATE POLICY %I ON %I FOR INSERT TO gis_app WITH CHECK (%s AND %s AND %s)', name || '_add', name,
                   tenant, CASE name WHEN 'score_notes' THEN editors ELSE leaders END,
                   CASE name WHEN 'score_notes' THEN own_group ELSE 'true' END);
    EXECUTE format('CREATE TRIGGER %I AFTER INSERT OR UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION audit_decisions()',
                   name || '_audit', name);
  END LOOP;
  EXECUTE format('CREATE POLICY score_notes_change ON score_notes FOR UPDATE TO gis_app USING (%s AND %s)', tenant, editors);
  EXECUTE format('CREATE POLICY campaigns_change ON campaigns FOR UPDATE TO gis_app USING (%s AND %s)', tenant, leaders);
  EXECUTE format('CREATE POLICY campaigns_remove ON campaigns FOR DELETE TO gis_app USING (%s AND %s)', tenant, leaders);
END
$$;

GRANT SELECT, INSERT (commune_id, version, rules) ON score_rules TO gis_app;
GRANT SELECT, INSERT (commune_id, period_year, group_id), UPDATE (verdict, remark) ON score_notes TO gis_app;
GRANT SELECT, INSERT (commune_id, period_year, edition, content) ON scorecards TO gis_app;
GRANT SELECT, INSERT (commune_id, name, starts_on, ends_on, targets), UPDATE (name, starts_on, ends_on, targets), DELETE
  ON campaigns TO gis_app;
CREATE TRIGGER score_notes_touch BEFORE UPDATE ON score_notes FOR EACH ROW EXECUTE FUNCTION touch_row();
CREATE TRIGGER campaigns_touch BEFORE UPDATE ON campaigns FOR EACH ROW EXECUTE FUNCTION touch_row();
-- What a campaign was is told after it is deleted, too.
CREATE TRIGGER campaigns_audit_rows_delete AFTER DELETE ON campaigns REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows();
