"""The sections of a report: `<nn>_<name>.py` exports `section(conn, asked)`, found by name and printed in that order.

A section answers as known at `asked.known_at`; the connection reads as the least of the report's readers
(queries/reports.py), so the section is the same whoever asks. No count of persons is ever in it. `None`: there is
nothing to say. Its name is the file's without the number.

A section whose tables keep no history (clauses, devices, tasks, data quality) says `HAS_HISTORY = False` and its
`TITLE`. It tells of the day of freezing, says so in the print, and is frozen with the rest; made again "as known then"
it is copied from the report frozen at that moment, whatever has become of its rows since. We do not compute such
a section anew for a past moment: a task that is closed now was open then, and nothing tells what its due day was.
Leaving the section out of every report would keep the hash too, but the meeting needs it. For a moment that no report
froze there is nothing to copy, and the section says just that.
"""
