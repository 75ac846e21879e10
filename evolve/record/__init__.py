"""What a run leaves behind: its log, every evaluation, and the files taken away from it."""
