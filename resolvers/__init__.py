"""GraphQL operations: each asks the services of the hub and gives their values to the types."""
