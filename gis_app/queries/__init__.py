"""All SQL, one file per subject; the first argument is the connection, and nothing here commits."""
