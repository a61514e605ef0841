"""Writes the reference results that the Swift tests compare with."""
