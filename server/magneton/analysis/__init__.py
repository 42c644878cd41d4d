"""What the recordings mean: matching, regions, cost, class, cause. Pure: types in, types out."""
