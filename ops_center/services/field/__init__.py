"""The field and what reaches it: crews that hold units, their tasks, who is told of what, and tasks that are late."""
