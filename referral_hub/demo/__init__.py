"""The demonstration network: one region of Małopolska, invented people, eighteen months of referrals."""
