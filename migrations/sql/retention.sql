-- When the worker and the daily retention last ran: /readyz tells it, and two workers do not both run.
ALTER TABLE heartbeats OWNER TO gis_owner;
ALTER TABLE heartbeats ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY heartbeats_owner ON heartbeats TO gis_owner USING (true);
CREATE POLICY heartbeats_app ON heartbeats TO gis_app USING (true);
GRANT SELECT, INSERT, UPDATE ON heartbeats TO gis_app;

-- The worker has the web's login, which does not see what is expired, nor other people's request keys. This function
-- deletes what is past its time and nothing else, whoever calls it.
CREATE FUNCTION delete_stale() RETURNS TABLE (what text, deleted bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM sessions WHERE expires_at < now();
  GET DIAGNOSTICS deleted = ROW_COUNT; what := 'sessions'; RETURN NEXT;
  DELETE FROM access_tokens WHERE expires_at < now();
  GET DIAGNOSTICS deleted = ROW_COUNT; what := 'access_tokens'; RETURN NEXT;
  DELETE FROM invitations WHERE expires_at < now();
  GET DIAGNOSTICS deleted = ROW_COUNT; what := 'invitations'; RETURN NEXT;
  DELETE FROM idempotency_keys WHERE created_at < now() - interval '7 days';
  GET DIAGNOSTICS deleted = ROW_COUNT; what := 'idempotency_keys'; RETURN NEXT;
  -- Versions only grow: a tile older than another of its set and audience is never served again.
  DELETE FROM tile_cache AS old USING (
    SELECT commune_id, tileset, audience, max(version) AS newest FROM tile_cache GROUP BY commune_id, tileset, audience
  ) AS of WHERE old.commune_id = of.commune_id AND old.tileset = of.tileset AND old.audience = of.audience
    AND old.version < of.newest;
  GET DIAGNOSTICS deleted = ROW_COUNT; what := 'tile_cache'; RETURN NEXT;
END
$$;
ALTER FUNCTION delete_stale() OWNER TO gis_owner;
REVOKE EXECUTE ON FUNCTION delete_stale() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION delete_stale() TO gis_app;
