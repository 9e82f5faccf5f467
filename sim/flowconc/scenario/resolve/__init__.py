"""From a valid document to a frozen Scenario: names, flows, edits, arrivals, expectations."""
