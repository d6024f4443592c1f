"""Numbers: powers, indices, ordinals, chemistry, units and fractions, and what is none of them."""

from .raised import scripts_said

__all__ = ["scripts_said"]
