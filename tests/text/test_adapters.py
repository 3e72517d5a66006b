"""Low-rank additions; what they do in a generator is in test_pretrained.py."""

import sys

import pytest
import torch

from cyclekit.text.adapters import add_lora
from tests.text.tiny_models import bart


@pytest.fixture
def model(tmp_path):
    from transformers import AutoModelForSeq2SeqLM

    return AutoModelForSeq2SeqLM.from_pretrained(bart(tmp_path)).eval()


def test_each_linear_layer_but_the_last_learns_an_addition_of_the_rank(model):
    linear = [name for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)]
    add_lora(model, 3)
    learning = {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert {name.partition(".lora_")[0] for name in learning} == set(linear) - {"lm_head"}
    assert {min(parameter.shape) for parameter in learning.values()} == {3}


def test_a_missing_package_is_named(model, monkeypatch):
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(ValueError, match=r"lora: needs the package peft: pip install 'cyclekit\[finetune\]'"):
        add_lora(model, 3)
    assert all(parameter.requires_grad for parameter in model.parameters())
