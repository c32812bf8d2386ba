"""Long-running jobs and loaders: what feeds the hub from outside. They know nothing of GraphQL."""
