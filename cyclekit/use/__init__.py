"""What is done with trained runs: translate with them, and measure them."""
