"""Floor 0: ids and hashing, the tables that travel, errors, progress, workspace, processes."""
