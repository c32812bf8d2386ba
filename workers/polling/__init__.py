"""Sources that are asked for what they have: over HTTP and GraphQL, from servers of files, and from
folders, each on its schedule and within limits."""
