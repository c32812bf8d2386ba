"""What the hub reaches, measured against what one would build without it; never imported by it."""
