"""The REST face of the hub: the same services for those who speak no GraphQL. `operations.py` says
what an operation is; from the list of them come the routes and the OpenAPI document alike.
"""
