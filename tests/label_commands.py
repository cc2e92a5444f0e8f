"""The commands that compare the answers of a network with labels in a file."""

COMMANDS = (
    ("test", "{}.pt", "--dataset"),
    ("test", "{}.c", "--dataset"),
    ("verify", "{}.c", "--executors", "oracle", "--allow-missing", "--generated", "0", "--dataset"),
    ("verify", "{}.c", "--executors", "oracle", "--allow-missing", "--generated", "0", "--input"),
    ("run", "{}.c", "--input"),
)
"""Their words with the model's name left open; the file follows."""
