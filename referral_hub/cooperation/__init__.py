"""How institutions work together: flows, gaps and agreements, in figures that name nobody."""
