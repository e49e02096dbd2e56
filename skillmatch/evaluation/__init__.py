"""Measurements of skillmatch on data with known answers; each is a command of ``skillmatch evaluate``."""
