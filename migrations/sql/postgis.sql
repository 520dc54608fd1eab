-- Under row-level security PostgreSQL ignores the GiST index unless the operator is LEAKPROOF: a z14 tile over
-- 100,000 rows of one commune went from 4 to 1,107 ms. Only a superuser may set the flag; dump/restore loses it.
DO $$
BEGIN
  IF (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) THEN
    ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF;
    -- These tell the extent and statistics of every commune's rows.
    REVOKE EXECUTE ON FUNCTION st_estimatedextent(text, text), st_estimatedextent(text, text, text),
      st_estimatedextent(text, text, text, boolean) FROM PUBLIC;
    REVOKE EXECUTE ON FUNCTION _postgis_stats(regclass, text, text), _postgis_selectivity(regclass, text, geometry, text),
      _postgis_join_selectivity(regclass, text, regclass, text, text) FROM PUBLIC;
  END IF;
END
$$;
