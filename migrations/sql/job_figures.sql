-- Jobs that tell figures while they run, and that may be asked to end now with the best so far.

GRANT SELECT (detail, wants_finish) ON jobs TO gis_app;

-- go, finish (whoever asked wants the best so far) or stop: cancelled meanwhile, or another worker has it. Figures stay
-- as they were where none are given.
DROP FUNCTION progress_job(bigint, uuid, integer, text);
CREATE FUNCTION progress_job(job bigint, key uuid, done integer, doing text, figures jsonb) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  wanted boolean;
BEGIN
  UPDATE jobs AS j SET progress = greatest(0, least(99, done)), message = doing, detail = coalesce(figures, j.detail)
  WHERE j.id = job AND j.run_key = key AND j.state = 'running' RETURNING j.wants_finish INTO wanted;
  RETURN CASE WHEN NOT FOUND THEN 'stop' WHEN wanted THEN 'finish' ELSE 'go' END;
END
$$;
ALTER FUNCTION progress_job(bigint, uuid, integer, text, jsonb) OWNER TO gis_owner;

-- Who may cancel may also ask for the best so far; only of a job that runs, for one that waits has nothing yet.
CREATE FUNCTION finish_job_now(job bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me integer := nullif(current_setting('app.commune_id', true), '')::int;
  in_role text := coalesce(current_setting('app.role', true), '');
  found jobs%ROWTYPE;
BEGIN
  SELECT * INTO found FROM jobs AS j
  WHERE j.id = job AND j.commune_id = me AND in_role = ANY (j.readers) FOR UPDATE;
  IF found.id IS NULL THEN
    RETURN 'missing';
  ELSIF found.asked_by <> coalesce(current_setting('app.username', true), '') AND in_role <> 'admin' THEN
    RETURN 'role';
  ELSIF found.state = 'queued' THEN
    RETURN 'waiting';
  ELSIF found.state <> 'running' THEN
    RETURN 'ended';
  END IF;
  UPDATE jobs SET wants_finish = true WHERE id = job;
  RETURN 'asked';
END
$$;
ALTER FUNCTION finish_job_now(bigint) OWNER TO gis_owner;

REVOKE EXECUTE ON FUNCTION progress_job(bigint, uuid, integer, text, jsonb), finish_job_now(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION progress_job(bigint, uuid, integer, text, jsonb), finish_job_now(bigint) TO gis_app;

-- What the error's sentence says (a count, a limit) is kept with it.
DROP FUNCTION fail_job(bigint, uuid, text);
CREATE FUNCTION fail_job(job bigint, key uuid, fault text, params jsonb) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE jobs AS j SET state = 'failed', error = fault, detail = params, ended_at = clock_timestamp(), run_key = NULL
  WHERE j.id = job AND j.run_key = key AND j.state = 'running';
  RETURN FOUND;
END
$$;
ALTER FUNCTION fail_job(bigint, uuid, text, jsonb) OWNER TO gis_owner;
REVOKE EXECUTE ON FUNCTION fail_job(bigint, uuid, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION fail_job(bigint, uuid, text, jsonb) TO gis_app;
