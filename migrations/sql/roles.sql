-- Cluster-wide roles (SECURITY_DESIGN.md section 1). The web's login owns nothing.
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'gis_owner') THEN
    CREATE ROLE gis_owner NOLOGIN;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'gis_app') THEN
    CREATE ROLE gis_app LOGIN NOINHERIT;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'gis_national') THEN
    CREATE ROLE gis_national NOLOGIN;
  END IF;
  -- NOINHERIT: the policies of gis_national must not apply to gis_app until it says SET LOCAL ROLE.
  -- Only where it is not so yet: roles are the whole server's, and two migrations may run side by side.
  IF (SELECT rolinherit FROM pg_roles WHERE rolname = 'gis_app') THEN
    ALTER ROLE gis_app NOINHERIT;
  END IF;
  IF NOT pg_has_role('gis_app', 'gis_national', 'MEMBER') THEN
    GRANT gis_national TO gis_app;
  END IF;
END
$$;

GRANT USAGE ON SCHEMA public TO gis_app, gis_national;
GRANT USAGE, CREATE ON SCHEMA public TO gis_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
