-- What becomes of tips in time. Closed, or held: gone after `kept_days`. Never closed: gone `open_days` after the day of
-- sending, whatever an officer did not do; `late` counts those that no day of the law covers any more (`late_days`).
CREATE FUNCTION sweep_tips(kept_days integer, open_days integer, late_days integer)
RETURNS TABLE (tips bigint, unclosed_tips bigint, tip_marks bigint, late_tips bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (
    DELETE FROM tips AS t
    WHERE t.closed_on < vietnam_today() - greatest(kept_days, 90)
       OR (t.is_held AND t.received_at < now() - make_interval(days => greatest(kept_days, 90)))
       OR (t.closed_on IS NULL AND t.received_at < now() - make_interval(days => greatest(open_days, 210)))
    RETURNING t.closed_on IS NULL AND NOT t.is_held AS unclosed),
  marks AS (DELETE FROM tip_marks AS m WHERE m.used_on < vietnam_today() - 1 RETURNING 1),
  loads AS (DELETE FROM tip_loads AS l WHERE l.slot < date_trunc('hour', now()))
  SELECT (SELECT count(*) FROM gone WHERE NOT gone.unclosed), (SELECT count(*) FROM gone WHERE gone.unclosed),
         (SELECT count(*) FROM marks),
         (SELECT count(*) FROM tips AS t
          WHERE t.closed_on IS NULL AND NOT t.is_held
            AND t.received_at < now() - make_interval(days => late_days)
            AND t.received_at >= now() - make_interval(days => greatest(open_days, 210)))
$$;
ALTER FUNCTION sweep_tips(integer, integer, integer) OWNER TO gis_owner;
REVOKE EXECUTE ON FUNCTION sweep_tips(integer, integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sweep_tips(integer, integer, integer) TO gis_app;
DROP FUNCTION delete_old_tips(integer);
