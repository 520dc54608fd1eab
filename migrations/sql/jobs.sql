-- Jobs. The row is the queue: asked for in the request's own transaction, claimed by a worker that holds a session's
-- advisory lock for as long as it runs. A worker that dies loses the connection, the lock is free, and the next claim
-- takes the job again. The web reads some columns and changes nothing but by the functions below.

ALTER TABLE jobs OWNER TO gis_owner;
ALTER TABLE jobs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY jobs_owner ON jobs TO gis_owner USING (true);
CREATE POLICY jobs_read ON jobs FOR SELECT TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND current_setting('app.role', true) = ANY (readers));
-- Not asked_by (accounts are not everybody's business) and not run_key (it is what proves a worker).
GRANT SELECT (id, commune_id, kind, parameters, asked_role, state, progress, message, result, error, asked_at,
              started_at, ended_at) ON jobs TO gis_app;

-- NULL: nobody acts in a commune, or too much waits there already. The same thing asked twice is one job.
CREATE FUNCTION ask_job(wanted text, with_parameters jsonb, for_readers text[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  me integer := nullif(current_setting('app.commune_id', true), '')::int;
  who text := coalesce(current_setting('app.username', true), '');
  in_role text := coalesce(current_setting('app.role', true), '');
  found bigint;
BEGIN
  IF me IS NULL OR who = '' OR in_role = '' THEN
    RETURN NULL;
  END IF;
  PERFORM pg_advisory_xact_lock(73019, me);
  SELECT j.id INTO found FROM jobs AS j
  WHERE j.commune_id = me AND j.state IN ('queued', 'running') AND j.kind = wanted AND j.parameters = with_parameters
    AND j.asked_by = who AND j.asked_role = in_role;
  IF found IS NOT NULL THEN
    RETURN found;
  END IF;
  IF (SELECT count(*) >= 20 FROM jobs AS j WHERE j.commune_id = me AND j.state IN ('queued', 'running')) THEN
    RETURN NULL;
  END IF;
  INSERT INTO jobs (commune_id, kind, parameters, readers, asked_by, asked_role)
  VALUES (me, wanted, with_parameters, for_readers, who, in_role) RETURNING id INTO found;
  RETURN found;
END
$$;
ALTER FUNCTION ask_job(text, jsonb, text[]) OWNER TO gis_owner;

-- Who asked may cancel, and the commune's administrator. What runs notices at its next step, or when it ends.
CREATE FUNCTION cancel_job(job bigint) RETURNS text
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
  ELSIF found.state NOT IN ('queued', 'running') THEN
    RETURN 'ended';
  END IF;
  UPDATE jobs SET state = 'cancelled', ended_at = now(), run_key = NULL WHERE id = job;
  RETURN 'cancelled';
END
$$;
ALTER FUNCTION cancel_job(bigint) OWNER TO gis_owner;

-- The next job for a worker (which acts in no commune): one that waits, or one whose worker is dead. The lock is the
-- session's: it outlives this transaction, and the death of the session frees it. A job that took five workers with it
-- is given up; one whose asker is gone or has another role now is not run with the rights of before.
CREATE FUNCTION claim_job() RETURNS TABLE (id bigint, commune_id integer, kind text, parameters jsonb, asked_by text,
                                           asked_role text, run_key uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  one jobs%ROWTYPE;
  fault text;
BEGIN
  IF coalesce(current_setting('app.role', true), '') <> 'system'
     OR coalesce(current_setting('app.commune_id', true), '') <> '' THEN
    RETURN;
  END IF;
  FOR one IN SELECT * FROM jobs AS j WHERE j.state IN ('queued', 'running') ORDER BY j.id FOR UPDATE SKIP LOCKED LOOP
    CONTINUE WHEN NOT pg_try_advisory_lock(73018, (one.id % 2147483647)::int);
    fault := CASE
      WHEN one.attempts >= 5 THEN 'worker_died'
      WHEN one.asked_role <> 'system' AND NOT EXISTS (
        SELECT 1 FROM accounts AS c WHERE c.username = one.asked_by AND c.is_active
          AND (c.role = one.asked_role OR (c.role = 'city' AND one.asked_role = 'supervisor'))
          AND coalesce(c.commune_id, one.commune_id) = one.commune_id) THEN 'asker_gone'
    END;
    IF fault IS NULL THEN
      RETURN QUERY UPDATE jobs AS j
        SET state = 'running', attempts = j.attempts + 1, run_key = gen_random_uuid(), started_at = clock_timestamp(),
            progress = 0, message = NULL
        WHERE j.id = one.id
        RETURNING j.id, j.commune_id, j.kind, j.parameters, j.asked_by, j.asked_role, j.run_key;
      RETURN;
    END IF;
    UPDATE jobs AS j SET state = 'failed', error = fault, ended_at = clock_timestamp(), run_key = NULL
    WHERE j.id = one.id;
    PERFORM pg_advisory_unlock(73018, (one.id % 2147483647)::int);
  END LOOP;
END
$$;
ALTER FUNCTION claim_job() OWNER TO gis_owner;

-- False: cancelled meanwhile, or another worker has it; whoever asks must stop and leave nothing.
CREATE FUNCTION progress_job(job bigint, key uuid, done integer, doing text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE jobs AS j SET progress = greatest(0, least(99, done)), message = doing
  WHERE j.id = job AND j.run_key = key AND j.state = 'running';
  RETURN FOUND;
END
$$;
ALTER FUNCTION progress_job(bigint, uuid, integer, text) OWNER TO gis_owner;

-- In the transaction of what the job wrote: both are there, or neither.
CREATE FUNCTION finish_job(job bigint, key uuid, made text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE jobs AS j SET state = 'done', progress = 100, result = made, ended_at = clock_timestamp(), run_key = NULL
  WHERE j.id = job AND j.run_key = key AND j.state = 'running';
  RETURN FOUND;
END
$$;
ALTER FUNCTION finish_job(bigint, uuid, text) OWNER TO gis_owner;

CREATE FUNCTION fail_job(job bigint, key uuid, fault text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE jobs AS j SET state = 'failed', error = fault, ended_at = clock_timestamp(), run_key = NULL
  WHERE j.id = job AND j.run_key = key AND j.state = 'running';
  RETURN FOUND;
END
$$;
ALTER FUNCTION fail_job(bigint, uuid, text) OWNER TO gis_owner;

-- For readiness, which acts in no commune: how long the longest has waited, in seconds; nothing about what it is.
CREATE FUNCTION longest_wait_s() RETURNS double precision
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(extract(epoch FROM now() - min(asked_at)), 0)::double precision FROM jobs WHERE state = 'queued'
$$;
ALTER FUNCTION longest_wait_s() OWNER TO gis_owner;

-- What a job made has its own time of keeping; the job itself is of no use after a month.
CREATE FUNCTION delete_old_jobs() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (DELETE FROM jobs WHERE ended_at < now() - interval '30 days' RETURNING 1) SELECT count(*) FROM gone
$$;
ALTER FUNCTION delete_old_jobs() OWNER TO gis_owner;

REVOKE EXECUTE ON FUNCTION ask_job(text, jsonb, text[]), cancel_job(bigint), claim_job(),
  progress_job(bigint, uuid, integer, text), finish_job(bigint, uuid, text), fail_job(bigint, uuid, text),
  longest_wait_s(), delete_old_jobs() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ask_job(text, jsonb, text[]), cancel_job(bigint), claim_job(),
  progress_job(bigint, uuid, integer, text), finish_job(bigint, uuid, text), fail_job(bigint, uuid, text),
  longest_wait_s(), delete_old_jobs() TO gis_app;
