"""One operator of a step, run again and again beside a meter."""
