"""Contact with the real engine: scripts that were run on it, recordings of what it did, the comparison, and exports.

`script` and `recording` read the two files; `passes` takes copied histories out of the latter. `facts`, `ways`,
`lengths` and `crash` take from a recording what no rule says, and `staging` makes a scenario of a script with it.
`outcome` is what a run came to, `recorded` or `simulated`; `comparison` says where two outcomes part. `search` looks for
an outcome among many orders, each a `perturbation` of the known one, and for `crowds` in kind. `verification` puts them
together, `account` tells of it, and `conformance` does so for a folder of recordings. `deviations` are those that are
known to differ.

What a server has kept of its executions can be replayed: `documents` and `exported` read it, `stays` are the times that
executions came to the gate, and `history` makes arrivals of those of one flow.
"""
