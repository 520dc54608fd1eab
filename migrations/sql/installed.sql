-- A proposed device that works was installed: the day, and cost and fund of the siting plan that proposed it, unless
-- somebody has written others.
CREATE FUNCTION fill_installed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  planned siting_devices%ROWTYPE;
BEGIN
  NEW.installed_on := coalesce(NEW.installed_on, vietnam_today());
  SELECT * INTO planned FROM siting_devices AS d
  WHERE d.commune_id = NEW.commune_id AND d.feature_layer = TG_TABLE_NAME AND d.feature_id = NEW.id
  ORDER BY d.id DESC LIMIT 1;
  NEW.cost_vnd := coalesce(NEW.cost_vnd, least(planned.cost_vnd, 2000000000)::int);
  NEW.fund := coalesce(NEW.fund, planned.fund);
  RETURN NEW;
END
$$;
ALTER FUNCTION fill_installed() OWNER TO gis_owner;
REVOKE EXECUTE ON FUNCTION fill_installed() FROM PUBLIC;
CREATE TRIGGER cameras_installed BEFORE UPDATE OF state ON cameras FOR EACH ROW
  WHEN (OLD.state = 'proposed' AND NEW.state = 'working') EXECUTE FUNCTION fill_installed();
CREATE TRIGGER lights_installed BEFORE UPDATE OF state ON lights FOR EACH ROW
  WHEN (OLD.state = 'proposed' AND NEW.state = 'working') EXECUTE FUNCTION fill_installed();
