"""`tripkit doctor`: what this computer, its key and its models lack, with a remedy each."""
