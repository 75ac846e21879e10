"""The targets: each turns a program into the text of one stand-alone Python file."""
