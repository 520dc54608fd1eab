-- Coverage. Derived rows are written within a commune by the role `system` alone, which no account has; people read.

DO $$
DECLARE
  tenant constant text := 'commune_id = nullif(current_setting(''app.commune_id'', true), '''')::int';
  staff constant text :=
    'current_setting(''app.role'', true) IN (''admin'', ''committee'', ''data'', ''patrol'', ''planner'', ''supervisor'')';
  police constant text := 'current_setting(''app.role'', true) IN (''admin'', ''data'', ''patrol'')';
  computing constant text := 'current_setting(''app.role'', true) = ''system''';
  read text;
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['camera_views', 'light_areas', 'coverage_figures', 'coverage_days', 'coverage_dirty',
                              'coverage_states', 'coverage_settings'] LOOP
    EXECUTE format('ALTER TABLE %I OWNER TO gis_owner', name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY %s ON %I TO gis_owner USING (true)', name || '_owner', name);
    read := tenant || ' AND ' || staff;
    IF name = 'coverage_figures' THEN
      -- Hotspots: each audience has figures of its own, from what it may see of them.
      read := read || ' AND (audience = ''staff'' OR audience = ''police'' AND ' || police
        || ' OR audience = ''planner'' AND current_setting(''app.role'', true) = ''planner'')';
    END IF;
    IF name <> 'coverage_dirty' THEN
      EXECUTE format('CREATE POLICY %s ON %I FOR SELECT TO gis_app USING (%s)', name || '_read', name, read);
    END IF;
    IF name <> 'coverage_settings' THEN
      EXECUTE format('CREATE POLICY %1$s ON %2$I TO gis_app USING (%3$s AND %4$s) WITH CHECK (%3$s AND %4$s)',
                     name || '_compute', name, tenant, computing);
    END IF;
  END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON camera_views, light_areas, coverage_figures, coverage_days, coverage_states
  TO gis_app;
-- The trigger alone adds; whoever computes takes away.
GRANT SELECT, DELETE ON coverage_dirty TO gis_app;

CREATE POLICY coverage_settings_add ON coverage_settings FOR INSERT TO gis_app
  WITH CHECK (commune_id = nullif(current_setting('app.commune_id', true), '')::int
              AND current_setting('app.role', true) IN ('admin', 'data', 'planner'));
CREATE POLICY coverage_settings_change ON coverage_settings FOR UPDATE TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND current_setting('app.role', true) IN ('admin', 'data', 'planner'));
GRANT SELECT, INSERT, UPDATE (lights_blocked) ON coverage_settings TO gis_app;
CREATE TRIGGER coverage_settings_touch BEFORE UPDATE ON coverage_settings FOR EACH ROW EXECUTE FUNCTION touch_row();
CREATE TRIGGER coverage_settings_audit AFTER INSERT OR UPDATE ON coverage_settings
  FOR EACH ROW EXECUTE FUNCTION audit_decisions();

-- What a statement changed, as one box for each commune: an import of 100,000 lamps writes one row here. A hotspot's box
-- is blurred to about a kilometre, since the row outlives the hotspot for a while.
CREATE FUNCTION coverage_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'groups' THEN
    -- Stages and reviews change often and cover nothing.
    INSERT INTO coverage_dirty (commune_id, layer, box)
    SELECT c.commune_id, TG_TABLE_NAME, ST_SetSRID(ST_Expand(ST_Extent(c.geom), 1e-7), 4326)
    FROM (SELECT n.commune_id, ST_Collect(n.geom, o.geom) AS geom FROM new_rows AS n JOIN old_rows AS o USING (id)
          WHERE NOT n.geom ~= o.geom OR ST_AsBinary(n.geom) <> ST_AsBinary(o.geom)
             OR n.valid_to IS DISTINCT FROM o.valid_to) AS c
    GROUP BY c.commune_id;
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO coverage_dirty (commune_id, layer, box)
    SELECT n.commune_id, TG_TABLE_NAME, coverage_box(TG_TABLE_NAME, ST_Extent(n.geom)) FROM new_rows AS n
    GROUP BY n.commune_id;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO coverage_dirty (commune_id, layer, box)
    SELECT o.commune_id, TG_TABLE_NAME, coverage_box(TG_TABLE_NAME, ST_Extent(o.geom)) FROM old_rows AS o
    GROUP BY o.commune_id;
  ELSE
    INSERT INTO coverage_dirty (commune_id, layer, box)
    SELECT b.commune_id, TG_TABLE_NAME, coverage_box(TG_TABLE_NAME, ST_Extent(b.geom))
    FROM (SELECT n.commune_id, n.geom FROM new_rows AS n UNION ALL SELECT o.commune_id, o.geom FROM old_rows AS o) AS b
    GROUP BY b.commune_id;
  END IF;
  RETURN NULL;
END
$$;
ALTER FUNCTION coverage_changed() OWNER TO gis_owner;

CREATE FUNCTION coverage_box(layer text, extent box2d) RETURNS geometry
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN layer = 'hotspots'
    THEN ST_MakeEnvelope(floor(ST_XMin(extent) * 100) / 100 - 0.001, floor(ST_YMin(extent) * 100) / 100 - 0.001,
                         ceil(ST_XMax(extent) * 100) / 100 + 0.001, ceil(ST_YMax(extent) * 100) / 100 + 0.001, 4326)
    ELSE ST_SetSRID(ST_Expand(extent, 1e-7)::geometry, 4326) END
$$;
ALTER FUNCTION coverage_box(text, box2d) OWNER TO gis_owner;

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['cameras', 'lights', 'buildings', 'walls', 'roads', 'groups', 'communes', 'schools',
                              'venues', 'tip_boxes', 'gateways', 'hotspots', 'key_routes'] LOOP
    EXECUTE format('CREATE TRIGGER %1$s_coverage_insert AFTER INSERT ON %1$s REFERENCING NEW TABLE AS new_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION coverage_changed()', name);
    EXECUTE format('CREATE TRIGGER %1$s_coverage_update AFTER UPDATE ON %1$s REFERENCING OLD TABLE AS old_rows '
                   'NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION coverage_changed()', name);
    -- A commune that goes takes its rows with it.
    CONTINUE WHEN name = 'communes';
    EXECUTE format('CREATE TRIGGER %1$s_coverage_delete AFTER DELETE ON %1$s REFERENCING OLD TABLE AS old_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION coverage_changed()', name);
  END LOOP;
END
$$;

-- For the worker, which acts in no commune: whose figures are out of date, and for how long nobody has touched them.
CREATE FUNCTION stale_communes() RETURNS TABLE (commune_id integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.commune_id FROM (
    SELECT d.commune_id, max(d.at) AS at FROM coverage_dirty AS d GROUP BY d.commune_id
    UNION ALL
    SELECT c.commune_id, c.computed_at FROM coverage_states AS c WHERE c.computed_on < vietnam_today()) AS s
  WHERE coalesce(current_setting('app.role', true), '') = 'system'
    AND coalesce(current_setting('app.commune_id', true), '') = ''
    -- Who edits devices one after the other looks at the page meanwhile; the worker follows when it is quiet.
    AND s.at < clock_timestamp() - interval '10 seconds'
    AND EXISTS (SELECT 1 FROM cameras AS x WHERE x.commune_id = s.commune_id
                UNION ALL SELECT 1 FROM lights AS y WHERE y.commune_id = s.commune_id
                UNION ALL SELECT 1 FROM coverage_states AS z WHERE z.commune_id = s.commune_id)
  GROUP BY s.commune_id ORDER BY s.commune_id
$$;
ALTER FUNCTION stale_communes() OWNER TO gis_owner;
REVOKE EXECUTE ON FUNCTION stale_communes() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stale_communes() TO gis_app;

-- Communes that are here already are computed when somebody looks, or by the worker.
INSERT INTO coverage_dirty (commune_id, layer, box)
SELECT DISTINCT c.commune_id, 'cameras', ST_Envelope(m.geom)
FROM (SELECT commune_id FROM cameras UNION SELECT commune_id FROM lights) AS c JOIN communes AS m ON m.id = c.commune_id;
