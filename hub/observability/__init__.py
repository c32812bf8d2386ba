"""What the hub tells of itself: logs and metrics."""
