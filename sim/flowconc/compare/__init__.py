"""Semantics side by side: which rules differ, and what one scenario makes of the difference.

from flowconc.compare.comparison import compare

for pair in compare("queue.flowconc.yaml", ["documented", "kestra-2.0.0"])[0].pairs:
    print(pair.parting)
"""
