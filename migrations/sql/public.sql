-- The public page. A stranger (role `anonymous`) reads these three tables, and no other.
-- Cells are written by a job with the owner's rights; the web's role reads, and asks the functions below to release.

ALTER TABLE public_releases OWNER TO gis_owner;
ALTER TABLE public_cells OWNER TO gis_owner;
ALTER TABLE public_settings OWNER TO gis_owner;
ALTER TABLE public_releases ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE public_cells ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE public_settings ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY public_releases_owner ON public_releases TO gis_owner USING (true);
CREATE POLICY public_cells_owner ON public_cells TO gis_owner USING (true);
CREATE POLICY public_settings_owner ON public_settings TO gis_owner USING (true);

-- Everybody alike: who is signed in sees of others' communes what a stranger sees.
CREATE POLICY public_releases_everybody ON public_releases FOR SELECT TO gis_app
  USING (state = 'released' AND released_on <= vietnam_today());
CREATE POLICY public_releases_own ON public_releases FOR SELECT TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'supervisor'));
-- The release must be one that the reader sees: its policies decide.
CREATE POLICY public_cells_read ON public_cells FOR SELECT TO gis_app
  USING (EXISTS (SELECT 1 FROM public_releases AS r WHERE r.id = release_id));
CREATE POLICY public_settings_read ON public_settings FOR SELECT TO gis_app
  USING (EXISTS (SELECT 1 FROM public_releases AS r WHERE r.commune_id = public_settings.commune_id)
         OR (commune_id = nullif(current_setting('app.commune_id', true), '')::int
             AND current_setting('app.role', true) IN ('admin', 'committee', 'data', 'supervisor')));
CREATE POLICY public_settings_add ON public_settings FOR INSERT TO gis_app
  WITH CHECK (commune_id = nullif(current_setting('app.commune_id', true), '')::int
              AND current_setting('app.role', true) IN ('admin', 'committee'));
CREATE POLICY public_settings_change ON public_settings FOR UPDATE TO gis_app
  USING (commune_id = nullif(current_setting('app.commune_id', true), '')::int
         AND current_setting('app.role', true) IN ('admin', 'committee'));
GRANT SELECT ON public_releases, public_cells, public_settings TO gis_app;
GRANT INSERT (commune_id, commune_phone, pc04_phone, c04_phone, with_counts) ON public_settings TO gis_app;
GRANT UPDATE (commune_phone, pc04_phone, c04_phone, with_counts, version) ON public_settings TO gis_app;

-- The ledger: what was released stands for ever, for the owner too. A draft may go.
CREATE FUNCTION keep_public_ledger() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'public_cells' THEN
    IF TG_OP = 'UPDATE' OR (SELECT state FROM public_releases WHERE id = OLD.release_id) <> 'draft' THEN
      RAISE EXCEPTION 'what was released is never changed' USING ERRCODE = 'restrict_violation';
    END IF;
  ELSIF TG_OP = 'DELETE' THEN
    IF OLD.state <> 'draft' THEN
      RAISE EXCEPTION 'what was released is never changed' USING ERRCODE = 'restrict_violation';
    END IF;
  ELSIF (OLD.state, NEW.state) NOT IN (('draft', 'released'), ('draft', 'withdrawn'), ('released', 'withdrawn'))
        OR (to_jsonb(OLD) - '{state,decided_by,decided_at,version}'::text[])
           <> (to_jsonb(NEW) - '{state,decided_by,decided_at,version}'::text[]) THEN
    RAISE EXCEPTION 'what was released is never changed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
ALTER FUNCTION keep_public_ledger() OWNER TO gis_owner;
CREATE TRIGGER public_releases_ledger BEFORE UPDATE OR DELETE ON public_releases
  FOR EACH ROW EXECUTE FUNCTION keep_public_ledger();
CREATE TRIGGER public_cells_ledger BEFORE UPDATE OR DELETE ON public_cells
  FOR EACH ROW EXECUTE FUNCTION keep_public_ledger();

-- Release a draft, or withdraw what was released: the own commune's, by a person who may, from the version that was
-- looked at. The answer is a word; the web says it in words of its own.
CREATE FUNCTION decide_public_release(wanted bigint, seen integer, new_state text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE found public_releases;
BEGIN
  SELECT * INTO found FROM public_releases
  WHERE id = wanted AND commune_id = nullif(current_setting('app.commune_id', true), '')::int FOR UPDATE;
  IF found.id IS NULL OR coalesce(current_setting('app.role', true), '') NOT IN ('admin', 'committee') THEN
    RETURN 'missing';
  ELSIF found.version <> seen THEN
    RETURN 'stale';
  ELSIF (found.state, new_state) NOT IN (('draft', 'released'), ('draft', 'withdrawn'), ('released', 'withdrawn')) THEN
    RETURN 'closed';
  ELSIF found.released_on > vietnam_today() THEN
    RETURN 'early';
  END IF;
  UPDATE public_releases SET state = new_state, decided_by = current_setting('app.username', true),
    decided_at = now(), version = version + 1 WHERE id = wanted;
  PERFORM audit_event('public_' || new_state, 'public_releases',
                      jsonb_build_object('release', wanted, 'released_on', found.released_on));
  RETURN 'done';
END
$$;
ALTER FUNCTION decide_public_release(bigint, integer, text) OWNER TO gis_owner;
REVOKE EXECUTE ON FUNCTION decide_public_release(bigint, integer, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION decide_public_release(bigint, integer, text) TO gis_app;
