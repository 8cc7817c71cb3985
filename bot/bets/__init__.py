"""Bets: what a launch or a decision is expected to do, how it is checked, and how it is judged."""
