"""The sections of a report: `<nn>_<name>.py` exports `section(conn, asked)`, found by name and printed in that order.

A section answers as known at `asked.known_at`. One whose tables keep no history says `HAS_HISTORY = False` and its
`TITLE`: for a moment of the past it is copied from the report frozen at that moment, or left out with a word about it.
Whatever the role of who asks, the section must be the same; no count of persons is ever in it. `None`: there is nothing
to say. Its name is the file's without the number.
"""
