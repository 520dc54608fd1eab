-- The middle of the nearest street segment of the commune (EPSG:4326): what readers without the exact place see.
-- Where no street is known, the middle of a cell of about 250 m.
CREATE FUNCTION middle_of_street(shape geometry, commune integer) RETURNS geometry
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(
    (SELECT ST_SetSRID(ST_LineInterpolatePoint(r.geom, 0.5), 4326) FROM roads AS r
     WHERE r.commune_id = commune ORDER BY r.geom <-> shape LIMIT 1),
    ST_SetSRID(ST_SnapToGrid(ST_Centroid(shape), 0.0025), 4326))
$$;
ALTER FUNCTION middle_of_street(geometry, integer) OWNER TO gis_owner;
