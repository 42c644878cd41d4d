"""Training steps on two GPUs: the factories named ``*_a`` make one rank wait for the other."""

import os

import torch
import torch.distributed as dist
from torch.distributed.algorithms import Join
from torch.nn.parallel import DistributedDataParallel


def uneven_a():
    """Rank 0 has four times the rows of rank 1."""
    return _training(lambda rank: 16384 if rank == 0 else 4096)


def uneven_b():
    """Both ranks have as many rows."""
    return _training(lambda rank: 10240)


def join_a():
    """Rank 1 runs out of batches after two of eight, and shadows the others' collectives."""
    return _joined(lambda rank: 8 if rank == 0 else 2)


def join_b():
    """The ranks have agreed on five batches each."""
    return _joined(lambda rank: 5)


def _training(rows_of):
    model, device = _model()
    x = torch.randn(rows_of(dist.get_rank()), 2048, device=device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)

    def step():
        optimizer.zero_grad()
        model(x).square().mean().backward()
        optimizer.step()

    return step


def _joined(batches_of):
    model, device = _model()
    x = torch.randn(4096, 2048, device=device)
    batches = batches_of(dist.get_rank())

    def step():
        model.zero_grad()
        with Join([model]):
            for _ in range(batches):
                model(x).square().mean().backward()

    return step


def _model():
    device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
    torch.cuda.set_device(device)
    dist.init_process_group("nccl", device_id=device)
    torch.manual_seed(0)
    layers = [torch.nn.Linear(2048, 2048) for _ in range(8)]
    model = torch.nn.Sequential(*layers).to(device)
    return DistributedDataParallel(model, device_ids=[device.index]), device
