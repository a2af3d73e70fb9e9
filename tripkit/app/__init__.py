"""The trip app: widgets that show a session, and the server that opens them in a browser."""
