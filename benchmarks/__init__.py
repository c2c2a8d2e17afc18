"""What the README claims, measured; and the traffic that it is measured with."""
