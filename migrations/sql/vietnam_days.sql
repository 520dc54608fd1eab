-- CURRENT_DATE is the day of the session's time zone, which is UTC on most servers: in Vietnam seven hours late.
-- Policies, views and functions that earlier migrations made with it ask for the day in Vietnam instead.
DO $do$
DECLARE
  today CONSTANT text := $$(now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date$$;
  utc CONSTANT text := '\mcurrent_date\M';
  one record;
BEGIN
  FOR one IN SELECT * FROM pg_policies WHERE schemaname = 'public' AND concat(qual, with_check) ~* utc LOOP
    EXECUTE format('ALTER POLICY %I ON %I', one.policyname, one.tablename)
      || coalesce(format(' USING (%s)', regexp_replace(one.qual, utc, today, 'gi')), '')
      || CASE WHEN one.with_check IS NULL THEN ''
         ELSE format(' WITH CHECK (%s)', regexp_replace(one.with_check, utc, today, 'gi')) END;
  END LOOP;
  FOR one IN
    SELECT c.oid, c.relname, array_to_string(c.reloptions, ', ') AS options FROM pg_class AS c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'v' AND pg_get_viewdef(c.oid) ~* utc
  LOOP
    EXECUTE format('CREATE OR REPLACE VIEW %I', one.relname) || coalesce(format(' WITH (%s)', one.options), '')
      || ' AS ' || regexp_replace(pg_get_viewdef(one.oid), utc, today, 'gi');
  END LOOP;
  FOR one IN
    SELECT p.oid FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang
    WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f' AND l.lanname IN ('sql', 'plpgsql')
      AND p.prosrc ~* utc AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')
  LOOP
    EXECUTE regexp_replace(pg_get_functiondef(one.oid), utc, today, 'gi');
  END LOOP;
END
$do$;
