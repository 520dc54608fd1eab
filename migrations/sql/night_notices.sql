-- Who is told of a shift over midnight reads on which day it ends: 23/11/2026, 22:00 (23/11) – 02:00 (24/11).
CREATE OR REPLACE FUNCTION tell_of_shift() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  start_at text := to_char(time '00:00' + make_interval(mins => NEW.start_min), 'HH24:MI');
  end_at text := CASE NEW.end_min WHEN 1440 THEN '24:00'
                 ELSE to_char(time '00:00' + make_interval(mins => NEW.end_min % 1440), 'HH24:MI') END;
BEGIN
  PERFORM tell(NEW.commune_id, 'shift_issued', 'patrol', NULL, NULL, NULL,
               to_char(NEW.shift_on, 'DD/MM/YYYY') || ', ' ||
               CASE WHEN NEW.end_min <= 1440 THEN start_at || '–' || end_at
                 ELSE start_at || to_char(NEW.shift_on, ' (DD/MM) – ') || end_at || to_char(NEW.shift_on + 1, ' (DD/MM)') END,
               '/tuan-tra/' || NEW.id, current_setting('app.username', true));
  RETURN NULL;
END
$$;
