"""How much is enough: sweeps over limits, decided on confidence bounds, with queueing theory beside them."""
