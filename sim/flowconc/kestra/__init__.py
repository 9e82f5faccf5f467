"""Contact with the real engine: scripts that were run on it, recordings of what it did, and the comparison.

`script` and `recording` read the two files; `passes` takes copied histories out of the latter. `facts`, `ways`,
`lengths` and `crash` take from a recording what no rule says, and `staging` makes a scenario of a script with it.
`outcome` is what a run came to, `recorded` or `simulated`; `comparison` says where two outcomes part. `search` looks for
an outcome among many orders, each a `perturbation` of the known one, and for `crowds` in kind. `verification` puts them
together, `account` tells of it, and `conformance` does so for a folder of recordings. `deviations` are those that are
known to differ.
"""
