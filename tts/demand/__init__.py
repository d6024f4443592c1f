"""What is wanted, and how much may be made: wants, limits, circuit breakers, pace, use."""
