"""wanstat: the statistics warehouse of a city's science-and-technology office."""
