-- Kinds of place that a commune adds itself, and what their rows take from them.

ALTER TABLE place_classes OWNER TO gis_owner;
ALTER TABLE place_classes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
-- The policies are those of a layer (migrations/helpers.py): staff reads, but what is for police alone.
GRANT SELECT, DELETE ON place_classes TO gis_app;
GRANT INSERT (commune_id, name, letters, color, shape, visibility) ON place_classes TO gis_app;
-- The shape stays: rows of the other layer would have no place.
GRANT UPDATE (name, letters, color, visibility, is_active) ON place_classes TO gis_app;
CREATE TRIGGER place_classes_touch BEFORE UPDATE ON place_classes FOR EACH ROW EXECUTE FUNCTION touch_row();
CREATE TRIGGER place_classes_audit_insert AFTER INSERT ON place_classes
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows();
CREATE TRIGGER place_classes_audit_update AFTER UPDATE ON place_classes
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows();
CREATE TRIGGER place_classes_audit_delete AFTER DELETE ON place_classes
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows();

-- Who sees a row is what its class says, whatever the query says; a retired class takes no new row.
CREATE FUNCTION take_place_class() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  class place_classes;
BEGIN
  SELECT * INTO class FROM place_classes AS c WHERE c.commune_id = NEW.commune_id AND c.name = NEW.kind;
  IF FOUND THEN
    IF class.shape <> TG_ARGV[0]
       -- A class that is renamed is no longer there by its old name, and its rows follow.
       OR NOT class.is_active AND (TG_OP = 'INSERT' OR NEW.kind <> OLD.kind AND EXISTS (
         SELECT 1 FROM place_classes AS c WHERE c.commune_id = OLD.commune_id AND c.name = OLD.kind)) THEN
      RAISE EXCEPTION 'this class takes no such row'
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_kind_choice';
    END IF;
    NEW.visibility := class.visibility;
  END IF;
  RETURN NEW;
END
$$;
ALTER FUNCTION take_place_class() OWNER TO gis_owner;
REVOKE EXECUTE ON FUNCTION take_place_class() FROM PUBLIC;

CREATE FUNCTION measure_area() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  NEW.area_m2 := round(ST_Area(NEW.geom::geography));
  RETURN NEW;
END
$$;
ALTER FUNCTION measure_area() OWNER TO gis_owner;

CREATE TRIGGER other_places_class BEFORE INSERT OR UPDATE ON other_places
  FOR EACH ROW EXECUTE FUNCTION take_place_class('point');
CREATE TRIGGER other_areas_class BEFORE INSERT OR UPDATE ON other_areas
  FOR EACH ROW EXECUTE FUNCTION take_place_class('area');
CREATE TRIGGER other_areas_measure BEFORE INSERT OR UPDATE OF geom ON other_areas
  FOR EACH ROW EXECUTE FUNCTION measure_area();
