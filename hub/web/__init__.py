"""HTTP, WebSocket and Server-Sent Events: the only part of the hub that knows the web server."""
