"""The published picture sets: where they are, how large, and what is in them. Standard library only.

Names and addresses are those of the download scripts of junyanz/pytorch-CycleGAN-and-pix2pix. Sizes, sums and counts
are those that TensorFlow Datasets (`cycle_gan` 3.0.0) records of the same archives at the older address
people.eecs.berkeley.edu/~taesung_park/CycleGAN/datasets; sets that it does not carry have none here.
"""

from __future__ import annotations

from typing import NamedTuple

from cyclekit.registry import RecipeError, did_you_mean

CYCLEGAN = "http://efrosgans.eecs.berkeley.edu/cyclegan/datasets"
PIX2PIX = "http://efrosgans.eecs.berkeley.edu/pix2pix/datasets"


class Published(NamedTuple):
    """One published set."""

    name: str
    address: str
    words: str
    """What its domains are, A first."""
    mirror: str | None = None
    """OWNER/NAME on the Hugging Face hub."""
    size: int | None = None
    """Of the archive, in bytes."""
    sha256: str | None = None
    """Of the archive."""
    counts: tuple[int, int, int, int] | None = None
    """Pictures in trainA, trainB, testA, testB."""


def _cyclegan(
    name: str,
    words: str,
    size: int | None = None,
    counts: tuple[int, int, int, int] | None = None,
    sha256: str | None = None,
    mirrored: bool = True,
) -> Published:
    mirror = f"huggan/{name}" if mirrored else None
    return Published(name, f"{CYCLEGAN}/{name}.zip", words, mirror, size, sha256, counts)


_SETS = (
    _cyclegan(
        "apple2orange", "apples, oranges (ImageNet)", 78456409, (995, 1019, 266, 248),
        "845a191e9af8926408ea597001cd03a452e3300a1f44a79fe329b3d59f6e3eb8",
    ),
    _cyclegan(
        "summer2winter_yosemite", "Yosemite in summer, in winter (Flickr)", 132640856, (1231, 962, 309, 238),
        "167fe1726807a9d22bd106b4a6c0bd7953b688af924ac1bf967439c4961e49f9",
    ),
    _cyclegan(
        "horse2zebra", "horses, zebras (ImageNet)", 116867962, (1067, 1334, 120, 140),
        "a74d9d392eecca9966b51287a76ca126af473d9de4f3e8fc0e9cda08fa1730a1",
    ),
    _cyclegan(
        "monet2photo", "Monet's paintings, landscape photographs (Flickr)", 305231073, (1072, 6287, 121, 751),
        "88f91b00fc228f97c9411fbf1880ec1d119c98f1722e4cfcfaa2fb35fac05b04",
    ),
    _cyclegan(
        "cezanne2photo", "Cezanne's paintings, the same photographs", 279885071, (525, 6287, 58, 751),
        "3a6c10ca21f9485862f1cbd707744b9dc258954a04631271d23a3605eeb63cff",
    ),
    _cyclegan(
        "ukiyoe2photo", "Ukiyo-e prints, the same photographs", 292946532, (562, 6287, 263, 751),
        "02a2a2fb5ecf425ca1bf86aca7304377da64a2a1d3b86df54eb65e4068bf3b08",
    ),
    _cyclegan(
        "vangogh2photo", "Van Gogh's paintings, the same photographs", 306590349, (400, 6287, 400, 751),
        "362c3473e70be0944bda08d49d660eafdc2854df55d697835b8186d1d79caaff",
    ),
    _cyclegan(
        "maps", "aerial photographs, maps", 1476754427, (1096, 1096, 1098, 1098),
        "639534f69dbf9f36bef8d6292a7698006361221f83f0285d7c9ca78afe6e8a9e",
    ),
    _cyclegan(
        "facades", "facades, their label maps (CMP)", 35135868, (400, 400, 106, 106),
        "9a31ebf3a31b9b5cd195dd5bf62e9308e00cb94604d1019e3889ac84248695c0",
    ),
    _cyclegan(
        "iphone2dslr_flower", "flowers by a telephone, by a camera (Flickr)", 339964458, (1812, 3325, 569, 480),
        "8fcb5e374d631b107e1d961b8c4cd0a186aa2a4ff3e279923f4c426128de7113",
    ),
    _cyclegan("ae_photos", "photographs alone, to try painters' styles on"),
    _cyclegan("mini", "a few pictures, for trying the code", mirrored=False),
    _cyclegan("mini_pix2pix", "a few pairs, for trying the code", mirrored=False),
    _cyclegan("mini_colorization", "a few pictures, for trying the code", mirrored=False),
    Published("pix2pix_facades", f"{PIX2PIX}/facades.tar.gz", "facades and label maps, side by side"),
    Published("pix2pix_maps", f"{PIX2PIX}/maps.tar.gz", "aerial photographs and maps, side by side"),
    Published(
        "edges2shoes", f"{PIX2PIX}/edges2shoes.tar.gz", "drawn edges and shoes, side by side",
        "huggan/edges2shoes",
    ),
    Published(
        "edges2handbags", f"{PIX2PIX}/edges2handbags.tar.gz", "drawn edges and handbags, side by side",
        "huggan/edges2handbags",
    ),
    Published(
        "night2day", f"{PIX2PIX}/night2day.tar.gz", "scenes by night and by day, side by side",
        "huggan/night2day",
    ),
)  # fmt: skip

SETS = {one.name: one for one in _SETS}
"""By name. Two sets are published twice: as folders (`facades`, `maps`) and side by side (`pix2pix_...`)."""


def published(name: str) -> Published:
    """The set of that name.

    Raises:
        RecipeError: there is none, or it may not be handed out.
    """
    if name == "cityscapes":
        raise RecipeError(
            "data get cityscapes: its licence forbids handing it out; register at https://www.cityscapes-dataset.com, "
            "and make the pairs with: cyclekit data pair PHOTOS LABELS --out data/cityscapes"
        )
    if name not in SETS:
        raise RecipeError(
            f"data get {name}: no such set{did_you_mean(name, SETS)}; there are: {', '.join(SETS)}; "
            "or write hub:OWNER/NAME, or the address of a .zip or .tar.gz"
        )
    return SETS[name]
