-- Second factors, tokens, invitations; what an administrator of one commune may do with its accounts.

ALTER TABLE second_factors OWNER TO gis_owner;
ALTER TABLE access_tokens OWNER TO gis_owner;
ALTER TABLE invitations OWNER TO gis_owner;

ALTER TABLE second_factors ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE access_tokens ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE invitations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY second_factors_owner ON second_factors TO gis_owner USING (true);
CREATE POLICY access_tokens_owner ON access_tokens TO gis_owner USING (true);
CREATE POLICY invitations_owner ON invitations TO gis_owner USING (true);

CREATE POLICY second_factors_gate ON second_factors TO gis_app USING (current_setting('app.role', true) = 'gate');
CREATE POLICY access_tokens_gate ON access_tokens TO gis_app USING (current_setting('app.role', true) = 'gate');
CREATE POLICY invitations_gate ON invitations TO gis_app USING (current_setting('app.role', true) = 'gate');

-- An administrator inside a commune manages its accounts; a new row without a commune, or of another, breaks the check.
CREATE POLICY accounts_manage_read ON accounts FOR SELECT TO gis_app
  USING (current_setting('app.role', true) = 'admin'
         AND commune_id = nullif(current_setting('app.commune_id', true), '')::int);
CREATE POLICY accounts_manage ON accounts FOR UPDATE TO gis_app
  USING (current_setting('app.role', true) = 'admin'
         AND commune_id = nullif(current_setting('app.commune_id', true), '')::int);
CREATE POLICY invitations_manage ON invitations TO gis_app
  USING (current_setting('app.role', true) = 'admin'
         AND commune_id = nullif(current_setting('app.commune_id', true), '')::int);

-- Sessions and tokens are seen and ended, never made. The accounts in the subquery are those of the own commune.
CREATE POLICY sessions_manage_read ON sessions FOR SELECT TO gis_app
  USING (current_setting('app.role', true) = 'admin'
         AND EXISTS (SELECT 1 FROM accounts AS a WHERE a.id = account_id
                     AND a.commune_id = nullif(current_setting('app.commune_id', true), '')::int));
CREATE POLICY sessions_manage ON sessions FOR DELETE TO gis_app
  USING (current_setting('app.role', true) = 'admin'
         AND EXISTS (SELECT 1 FROM accounts AS a WHERE a.id = account_id
                     AND a.commune_id = nullif(current_setting('app.commune_id', true), '')::int));
CREATE POLICY access_tokens_manage_read ON access_tokens FOR SELECT TO gis_app
  USING (current_setting('app.role', true) = 'admin'
         AND EXISTS (SELECT 1 FROM accounts AS a WHERE a.id = account_id
                     AND a.commune_id = nullif(current_setting('app.commune_id', true), '')::int));
CREATE POLICY access_tokens_manage ON access_tokens FOR DELETE TO gis_app
  USING (current_setting('app.role', true) = 'admin'
         AND EXISTS (SELECT 1 FROM accounts AS a WHERE a.id = account_id
                     AND a.commune_id = nullif(current_setting('app.commune_id', true), '')::int));

-- The web makes accounts from invitations only; nobody's name or commune ever changes.
GRANT INSERT (username, password_hash, role, commune_id) ON accounts TO gis_app;
GRANT UPDATE (password_hash, role, is_active) ON accounts TO gis_app;
GRANT SELECT, INSERT, DELETE ON second_factors TO gis_app;
GRANT UPDATE (confirmed_at, last_step) ON second_factors TO gis_app;
GRANT SELECT, DELETE ON access_tokens TO gis_app;
GRANT UPDATE (last_used_at) ON access_tokens TO gis_app;
GRANT SELECT, INSERT, DELETE ON invitations TO gis_app;
