"""Tests of actdsl.grammar. ``programs`` has the random programs that other tests draw from too."""
