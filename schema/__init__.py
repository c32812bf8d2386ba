"""The GraphQL API as data shapes. Types only declare; `resolvers` answers."""
