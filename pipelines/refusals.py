"""That something cannot be done as asked.

Belongs here: the one exception whose message people are shown as it is. Does not belong here: faults of the program.
"""


class Refusal(Exception):
    """It cannot be done as asked; the message says why and what to do, in Chinese."""
