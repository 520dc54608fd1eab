-- Recovery codes; tokens that people make themselves; audit entries that can be redacted without breaking a seal.

ALTER TABLE recovery_codes OWNER TO gis_owner;
ALTER TABLE recovery_codes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY recovery_codes_owner ON recovery_codes TO gis_owner USING (true);
CREATE POLICY recovery_codes_gate ON recovery_codes TO gis_app USING (current_setting('app.role', true) = 'gate');
GRANT SELECT, INSERT, DELETE ON recovery_codes TO gis_app;
-- SELECT … FOR UPDATE wants it of one column; nothing that matters can be changed.
GRANT UPDATE (created_at) ON recovery_codes TO gis_app;

-- Only as `gate` (access_tokens_gate): an administrator still sees and ends tokens, and makes none.
GRANT INSERT (token_hash, account_id, name, scope, expires_at) ON access_tokens TO gis_app;
GRANT UPDATE (version) ON accounts TO gis_app;

-- What a seal covers of an entry's contents. jsonb prints its keys in one order and its numbers in one way.
CREATE FUNCTION content_digest(salt uuid, before jsonb, after jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT encode(sha256(convert_to(
    coalesce(salt::text, '') || '|' || coalesce(before::text, '-') || '|' || coalesce(after::text, '-'), 'UTF8')), 'hex')
$$;
ALTER FUNCTION content_digest(uuid, jsonb, jsonb) OWNER TO gis_owner;
