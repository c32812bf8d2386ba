"""What makes pages live: the backplane's hints, the tail of the change log, and mailboxes."""
