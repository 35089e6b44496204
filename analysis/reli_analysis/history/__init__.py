"""What got worse over many runs: trends and changes of their levels, and verdicts that flip."""
