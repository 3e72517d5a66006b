"""What is shown to whoever sits before it: words cleaned of control characters, and how far a long call has come."""
