"""The examples, which are also the zoo's files."""
