"""Queueing theory's closed forms, and when they apply to a scenario.

Rates are per second, times in seconds. `load` is the offered load in erlangs: the arrival rate times the mean service
time. `variation` is a squared coefficient of variation: variance over squared mean, without unit.
"""
