"""A team: users with keys and memberships, what they may do, and the log of what they did."""
