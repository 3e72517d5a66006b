"""Which family a network is of: every file of the reference is read off its keys and shapes."""

from __future__ import annotations

import pytest
import torch

from cyclekit.image.importing import read_weights
from tests.image.importing.states import GOLDEN


def test_every_file_of_the_reference_is_used_to_the_last_key():
    files = sorted(GOLDEN.glob("*.pth"))
    assert len(files) == 13
    for path in files:
        imported = read_weights(path)
        theirs = torch.load(path, weights_only=True)
        assert len(imported.state) == len(theirs)
        assert sorted(t.sum().item() for t in imported.state.values()) == sorted(
            t.sum().item() for t in theirs.values()
        )
        imported.build()


@pytest.mark.parametrize(
    ("name", "part", "options"),
    [
        ("cyclegan_resnet9_init_net_G_A", "resnet", {"blocks": 9, "width": 8, "norm": "instance", "dropout": 0.0}),
        ("cyclegan_resnet6_vanilla_noidt_init_net_G_B", "resnet", {"blocks": 6, "width": 8}),
        ("resnet9_batch_dropout_net_G", "resnet", {"blocks": 9, "width": 4, "norm": "batch", "dropout": 0.5}),
        ("pix2pix_unet128_init_net_G", "unet", {"depth": 7, "width": 4, "norm": "batch"}),
        ("unet_256_instance_net_G", "unet", {"depth": 8, "width": 4, "norm": "instance"}),
        ("cyclegan_resnet9_init_net_D_A", "patchgan", {"layers": 3, "width": 8, "norm": "instance"}),
        ("pix2pix_unet128_init_net_D", "patchgan", {"layers": 3, "width": 4, "norm": "batch"}),
        ("d_pixel_net_D", "pixel", {"width": 8, "norm": "instance"}),
    ],
)
def test_architectures_of_the_reference(name, part, options):
    imported = read_weights(GOLDEN / f"{name}.pth")
    assert imported.part == part
    assert imported.options.items() >= options.items()
