"""The command line: `tripkit plan`, `tripkit postcard`, `tripkit app` and more."""
