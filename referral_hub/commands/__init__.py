"""The commands of `referral-hub`, a file each: arguments, and the way to the action that does the work."""
