-- Whether a text holds a telephone number of Vietnam (0 or +84 and nine or ten digits) or a number of an identity card
-- (twelve digits). Dates are no such numbers. gis_app/text.py has the same rule for a clear answer; a test compares.
CREATE FUNCTION has_personal_number(value text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT regexp_replace(normalize(value, NFKC), '(?<![0-9])([0-9]{1,2}[./-]){2}(19|20)[0-9]{2}(?![0-9])', ' ngày ', 'g')
         ~ '(?<![0-9])((\+?84|0)[ .()-]{0,2}[1-9]([ .()-]{0,2}[0-9]){8,9}|0[0-9]([ .()-]{0,2}[0-9]){10}|[0-9]{12})(?![0-9])'
$$;
ALTER FUNCTION has_personal_number(text) OWNER TO gis_owner;
