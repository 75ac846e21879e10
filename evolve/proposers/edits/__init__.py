"""Edits that make a new expression of one or two known ones."""
