"""How well models carry over from one temperature to another."""
