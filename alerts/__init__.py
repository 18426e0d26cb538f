"""Alert rules: pure functions from batches to conditions. Their worker lives in ops_center."""
