"""The ground floor: errors, messages, settings, text, files, jobs, this machine, its console."""
