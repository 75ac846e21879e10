"""Candidates evaluated: by processes of this machine or of others, fed with text."""
