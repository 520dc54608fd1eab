-- More places whose coverage is figured: offices and markets (facilities), industrial zones, workers' housing. What the
-- police alone know of does not count (queries/coverage_inputs.py), so staff read the figures as they read the others.

GRANT UPDATE (left_out) ON coverage_settings TO gis_app;

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['facilities', 'industrial_zones', 'worker_housing'] LOOP
    EXECUTE format('CREATE TRIGGER %1$s_coverage_insert AFTER INSERT ON %1$s REFERENCING NEW TABLE AS new_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION coverage_changed()', name);
    EXECUTE format('CREATE TRIGGER %1$s_coverage_update AFTER UPDATE ON %1$s REFERENCING OLD TABLE AS old_rows '
                   'NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION coverage_changed()', name);
    EXECUTE format('CREATE TRIGGER %1$s_coverage_delete AFTER DELETE ON %1$s REFERENCING OLD TABLE AS old_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION coverage_changed()', name);
  END LOOP;
END
$$;

-- The squares in which such places lie are computed again, where anything was computed.
INSERT INTO coverage_dirty (commune_id, layer, box)
SELECT p.commune_id, p.layer, ST_SetSRID(ST_Expand(ST_Extent(p.geom), 1e-7), 4326)
FROM (SELECT commune_id, 'facilities' AS layer, geom FROM facilities
      UNION ALL SELECT commune_id, 'industrial_zones', geom FROM industrial_zones
      UNION ALL SELECT commune_id, 'worker_housing', geom FROM worker_housing) AS p
WHERE EXISTS (SELECT 1 FROM coverage_states AS s WHERE s.commune_id = p.commune_id)
GROUP BY p.commune_id, p.layer;
