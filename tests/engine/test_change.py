"""What a change puts in force, and where."""

from __future__ import annotations

from magneton.engine.change import NOT_SET, Change


def test_settings_of_torch_are_held_and_variables_are_of_the_environment() -> None:
    change = Change(
        {
            "torch.get_num_threads()": "1",
            "os.environ['OMP_NUM_THREADS']": "'2'",
            "os.environ['MKL_CBWR']": NOT_SET,
        }
    )
    assert change.held == {
        "torch.get_num_threads()": "1",
        "os.environ['OMP_NUM_THREADS']": "'2'",
    }
    assert change.environment == {"OMP_NUM_THREADS": "2", "MKL_CBWR": None}
