"""What processes ask each other, with threads in their place: any shares of a batch answer as the whole would.

Real processes do the same in tests/training/test_processes.py.
"""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cyclekit.core import processes
from cyclekit.core.batch import Batch
from cyclekit.core.processes import ProcessLost, sharing
from cyclekit.registry import RecipeError


class Threads:
    """As much of torch.distributed as is asked for, over threads."""

    class ReduceOp:
        SUM, MAX = "sum", "max"

    def __init__(self, world: int) -> None:
        self.own, self.world, self.barrier = threading.local(), world, threading.Barrier(world)
        self.held: list = [None] * world

    def is_available(self):
        return True

    is_initialized = is_available

    def get_rank(self):
        return self.own.rank

    def get_world_size(self):
        return self.world

    def all_said(self, value):
        self.held[self.own.rank] = value
        self.barrier.wait()
        said = list(self.held)
        self.barrier.wait()
        return said

    def all_reduce(self, tensor, how="sum"):
        said = torch.stack(self.all_said(tensor.clone()))
        tensor.copy_(said.sum(0) if how == "sum" else said.amax(0))

    def all_gather(self, parts, tensor):
        for part, said in zip(parts, self.all_said(tensor.clone()), strict=True):
            assert (part.shape, part.dtype) == (said.shape, said.dtype), "all say as much"
            part.copy_(said)

    def all_gather_object(self, parts, value):
        parts[:] = self.all_said(value)

    def broadcast(self, tensor, source):
        tensor.copy_(self.all_said(tensor.clone())[source])

    def broadcast_object_list(self, values):
        values[:] = self.all_said(list(values))[0]


def each_of(world, ask, shared=True):
    """What each of so many processes is answered; `ask` is given its number."""
    dist = Threads(world)

    def work(rank):
        dist.own.rank = rank
        if not shared:
            return ask(rank)
        with sharing():
            return ask(rank)

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(world) as threads:
        patch.setattr(processes, "dist", dist)
        return list(threads.map(work, range(world)))


FEW = settings(max_examples=25)
SHARES = st.lists(st.lists(st.floats(-8, 8), min_size=1, max_size=4), min_size=2, max_size=3)


@FEW
@given(SHARES)
def test_a_mean_over_shares_of_any_length_is_that_over_all(shares):
    whole = torch.tensor([value for share in shares for value in share], dtype=torch.float64)

    def ask(rank):
        own = torch.tensor(shares[rank], dtype=torch.float64)
        return (
            processes.of_all(own.mean(), len(own)),
            processes.summed(own.sum()),
            processes.longest(len(own)),
            processes.mean(own[0]),
        )

    for _, total, longest, mean in (found := each_of(len(shares), ask)):
        torch.testing.assert_close(total, whole.sum())
        assert longest == max(map(len, shares))
        torch.testing.assert_close(mean, torch.tensor([share[0] for share in shares]).mean())
    torch.testing.assert_close(sum(part for part, *_ in found) / len(shares), whole.mean())


@FEW
@given(st.integers(2, 3), st.data())
def test_rows_of_any_shapes_are_gathered_in_their_order(world, drawn):
    masked = drawn.draw(st.booleans())
    shapes = [drawn.draw(st.tuples(st.integers(1, 3), st.integers(1, 4))) for _ in range(world)]
    dtype = drawn.draw(st.sampled_from([torch.float32, torch.bfloat16, torch.int64]))
    rows = [
        Batch(torch.arange(b * n).view(b, n).add(10 * rank).to(dtype), torch.rand(b, n) > 0.5 if masked else None)
        for rank, (b, n) in enumerate(shapes)
    ]
    for found in each_of(world, lambda rank: processes.gathered(rows[rank])):
        for one, other in zip(found, rows, strict=True):
            assert torch.equal(one.data, other.data)
            assert (one.mask is None) if other.mask is None else torch.equal(one.mask, other.mask)


@FEW
@given(
    st.integers(2, 3),
    st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=3, max_size=3),
    st.integers(1, 9),
)
def test_gradients_are_averaged_whatever_each_process_lacks(world, has, bucket):
    made = [[nn.Parameter(torch.zeros(size)) for size in (1, 2, 3)] for _ in range(world)]
    for rank, own in enumerate(made):
        for place, parameter in enumerate(own):
            if has[rank][place]:
                parameter.grad = torch.full_like(parameter, float(10**place * (rank + 1)))

    def ask(rank):
        return processes.average(made[rank], {"x": torch.tensor(float(rank)), "y": torch.tensor(2.0)})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processes, "BUCKET", bucket)
        terms = each_of(world, ask)
    for own, said in zip(made, terms):
        assert {name: float(term) for name, term in said.items()} == {"x": (world - 1) / 2, "y": 2.0}
        for place, parameter in enumerate(own):
            held = [10**place * (rank + 1) if has[rank][place] else 0 for rank in range(world)]
            if not any(has[rank][place] for rank in range(world)):
                assert parameter.grad is None
            else:
                torch.testing.assert_close(parameter.grad, torch.full_like(parameter, sum(held) / world))


def test_all_have_what_the_first_has_and_say_what_the_first_says():
    networks = [nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)) for _ in range(3)]
    first = {name: tensor.clone() for name, tensor in networks[0].state_dict().items()}

    def ask(rank):
        processes.as_the_first([networks[rank]])
        processes.wait()
        same = processes.alike("x"), processes.alike("xyz"[rank])
        return processes.tell(f"of {rank}"), processes.most([float(rank), -float(rank)]), same, processes.rank()

    found = each_of(3, ask, shared=False)
    assert found == [("of 0", [2.0, 0.0], (True, False), rank) for rank in range(3)]
    for network in networks:
        assert all(torch.equal(tensor, first[name]) for name, tensor in network.state_dict().items())


def test_outside_of_a_shared_step_nobody_is_asked():
    def ask(rank):
        value = torch.tensor(float(rank))
        return [
            processes.sharers(), processes.summed(value), processes.mean(value), processes.of_all(value, 3),
            processes.longest(rank), processes.gathered(Batch(value))[0].data, processes.world(),
        ]  # fmt: skip

    assert each_of(2, ask, shared=False) == [[1, rank, rank, rank, rank, rank, 2] for rank in range(2)]


def test_a_process_by_itself_is_answered_with_what_it_says():
    network = nn.Linear(1, 1)
    terms = {"x": torch.tensor(1.0)}
    with sharing():
        assert processes.average([network.weight], terms) is terms
        processes.as_the_first([network])
        assert (processes.rank(), processes.world(), processes.sharers()) == (0, 1, 1)
        assert (processes.tell("x"), processes.alike("x"), processes.most((1.0, 2.0))) == ("x", True, [1.0, 2.0])
        assert processes.wait() is None


def test_what_stops_the_talking_is_that_another_is_gone(monkeypatch):
    class Gone(Threads):
        def all_said(self, value):
            raise RuntimeError("Connection closed by peer [127.0.0.1]:1")

    dist = Gone(2)
    dist.own.rank = 0
    monkeypatch.setattr(processes, "dist", dist)
    asked = [
        lambda: processes.tell("x"), processes.wait, lambda: processes.most([1.0]), lambda: processes.alike("x"),
        lambda: processes.as_the_first([nn.Linear(1, 1)]), lambda: processes.longest(3),
        lambda: processes.summed(torch.tensor(1)), lambda: processes.gathered(Batch(torch.zeros(1, 1))),
        lambda: processes.average([nn.Parameter(torch.zeros(1))], {}),
    ]  # fmt: skip
    for ask in asked:
        with sharing(), pytest.raises(ProcessLost) as lost:
            ask()
        assert str(lost.value) == "another of the processes that train together is gone"
    assert issubclass(ProcessLost, RecipeError)


@given(st.lists(st.tuples(st.sampled_from([torch.float32, torch.float64]), st.integers(0, 7)), max_size=12))
def test_buckets_hold_every_tensor_once_in_order_of_one_dtype_and_no_larger_than_needed(drawn):
    tensors = [torch.zeros(size, dtype=dtype) for dtype, size in drawn]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processes, "BUCKET", 6)
        buckets = list(processes._buckets(tensors))
    assert all(buckets)
    for bucket in buckets:
        assert len({tensor.dtype for tensor in bucket}) == 1
        assert len(bucket) == 1 or sum(tensor.numel() for tensor in bucket) <= 6
    for dtype in (torch.float32, torch.float64):
        held = [tensor for bucket in buckets for tensor in bucket if tensor.dtype == dtype]
        assert [id(tensor) for tensor in held] == [id(tensor) for tensor in tensors if tensor.dtype == dtype]
