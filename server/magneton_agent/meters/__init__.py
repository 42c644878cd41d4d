"""What can be read of energy and CPU time on this machine."""
