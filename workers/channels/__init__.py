"""The other sides of sales channels: what speaks to them, and the job that keeps them current."""
