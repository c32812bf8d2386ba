"""Plain Server-Sent Events for partners: no GraphQL, no library, one GET."""
