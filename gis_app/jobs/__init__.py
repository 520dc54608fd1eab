"""What joins queries with analysis, for a page and the command line alike."""
