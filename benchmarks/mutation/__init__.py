"""How much of a change the tests would notice: single changes of the code (mutants), each put to the tests.

mutmut makes the mutants; which of them are drawn, and how each is put in force and tried, is decided here.
`make mutants` runs it; docs/explanation/mutants.md says what came out.
"""
