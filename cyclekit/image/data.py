"""The data part `images`: pictures of two domains, checked before training, augmented as published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from random import Random
from typing import Any, Literal

from cyclekit.core.batch import Batch, Pair
from cyclekit.core.curation import Told
from cyclekit.core.data import Source, choose_source
from cyclekit.core.parts import HeldOut
from cyclekit.image.codec import ImageCodec
from cyclekit.image.colours import MATCHED, PICTURES, Colours, colours_of, moved
from cyclekit.image.eight_bits import MODES
from cyclekit.image.fitted_codecs import channels_said, fitted_codec, sided
from cyclekit.image.held_out import HeldOutPictures, SeenPictures, Whole, sizes_of
from cyclekit.image.notes import note_on_enlarging
from cyclekit.image.picture_set import PictureList, PictureSet, drawn_by_name
from cyclekit.image.pictures import MAX_PIXELS, Reading
from cyclekit.image.ranges import ranges_of
from cyclekit.image.readable import readable
from cyclekit.image.scale import scale_in_words
from cyclekit.image.setting_aside import hold_out, how_many_aside, set_aside
from cyclekit.image.sources import open_collection, open_source
from cyclekit.image.transform import Augmentation, Preprocess, Transform
from cyclekit.image.views import View, views_of
from cyclekit.measuring.ragged import together
from cyclekit.registry import RecipeError, register


@register("data", "images")
class ImageData:
    """Pictures of two domains from the first source that is there. Fits `core.parts.Data`.

    Args:
        domains: the domains' display names; also looked for as folder, column and class names. Where the source has
            names of its own, `self.domains` are those.
        progress: told (done, total) while every picture is looked at; by default a bar on a terminal.
        sources: where the pictures may come from, in order: a folder, `PATH_A,PATH_B` or `{a: PATH, b: PATH}`
            (folders or globs; keys may be names of the domains), `hub:OWNER/NAME`, `builtin:NAME` or
            `{builtin: NAME, option: value}`.
        load_size: side (or width) to which training pictures are scaled.
        crop_size: side of the square cut from them.
        preprocess: as published; `none` and `scale_width` round sizes to multiples of 4.
        flip: mirror training pictures half of the time.
        channels: 3 for colour, 1 for grey, or any other number of bands; `{a: 4, b: 1}` where the domains differ.
        range: which stored numbers are black and white: `auto`, `[LOWEST, HIGHEST]` or percentiles of the training
            pictures such as `[1%, 99%]`, for both domains or `{a: auto, b: [0, 4095]}`; see `ranges`. null: 8-bit
            pictures, or where there are other than 1 or 3 channels, all that an unsigned type can hold.
        shown: the bands, counted from 1, that sheets and the report show: one or three, for both domains or
            `{a: [4, 3, 2], b: [1]}`; null: the first three, or the first where there are fewer.
        max_pixels: pictures of more are refused before they are decoded.
        skip_broken: go on without unreadable pictures instead of refusing them.
        aligned: whether rows come in pairs; null: as the source says (side-by-side pictures do, others do not).
        aligned_left: the domain that is the left half of side-by-side pictures.
        views: both domains are made of the same pictures, of any folder: `{a: grey, b: picture}`; of "picture", "grey",
            "edges". Channels follow from the view, and rows come in pairs.
        test_share: the share held out where the source has no test split (at least 1 picture, at most 200);
            0 holds nothing out.
        held_out: use at most so many held-out pictures of each domain; null: all.
        validation: how many training pictures of each domain are set aside to choose checkpoints by; 0 sets none
            aside, "auto" 64, or 2 to a tenth of the smaller domain where that is less. They are drawn by name, and
            never held-out ones.

    Raises:
        RecipeError: no source is there, or its pictures are empty, broken, unpaired or too small.
    """

    def __init__(
        self,
        domains: Pair[str],
        progress: Told | None = None,
        *,
        sources: str | dict[str, Any] | list[str | dict[str, Any]],
        load_size: int = 286,  # CycleGAN's published sizes: scaled to 286, cropped to 256
        crop_size: int = 256,
        preprocess: Preprocess = "resize_and_crop",
        flip: bool = True,
        channels: int | dict[str, int] = 3,
        range: str | list[Any] | dict[str, Any] | None = None,
        shown: list[int] | dict[str, list[int]] | None = None,
        max_pixels: int = MAX_PIXELS,
        skip_broken: bool = False,
        aligned: bool | None = None,
        aligned_left: Literal["a", "b"] = "a",
        views: dict[str, str] | None = None,
        test_share: float = 0.1,
        held_out: int | None = None,
        validation: int | Literal["auto"] = 0,
    ) -> None:
        _check_options(preprocess, load_size, crop_size, test_share, held_out)
        if views is not None and (range is not None or shown is not None):
            raise RecipeError("data.views: are of 8-bit pictures; leave out data.range and data.shown")
        counts = channels_said(channels)
        self.views = counts.map(lambda count: View(count, count)) if views is None else views_of(views)
        ranges = ranges_of(range, counts)
        self.readings = Pair(
            *(
                Reading(view.opened, wanted is not None or view.opened not in MODES, max_pixels)
                for view, wanted in zip(self.views, ranges)
            )
        )
        self.transform = Transform(preprocess, load_size, crop_size)
        self.flip = flip

        def open_one(source: Source) -> PictureSet:
            size = max(load_size, crop_size)
            if views is not None:
                return open_collection(source, size)
            return open_source(source, domains, size, aligned, aligned_left)

        listed = sources if isinstance(sources, list) else [sources]
        chosen = choose_source(listed, open_one)
        self.source, self.passed_over = chosen.name, chosen.passed_over
        self.domains = domains = Pair(*(new or own for new, own in zip(chosen.opened.names, domains)))
        looked = readable(chosen.opened, self.transform, self.readings, skip_broken, progress)
        pictures, broken = looked.pictures, looked.broken
        self.train, self.test, held = hold_out(pictures, domains, test_share, held_out)
        self.aligned = pictures.paired if aligned is None else aligned
        aside = how_many_aside(validation, min(len(pictures.names) for pictures in self.train))
        self.train, self.aside = set_aside(self.train, domains, aside, self.aligned)
        held += f"; validation {aside} of each" if aside else ""
        self._truth_known = pictures.test_paired
        bands = sided(shown, None, "data.shown")
        both = zip(self.train, looked.contents, self.readings, ranges, bands, domains, Pair._fields)
        found = Pair(*(fitted_codec(*one) for one in both))
        of_views = self.views.map(lambda view: ImageCodec(view.channels))
        self.codecs = found.map(lambda one: one.codec) if views is None else of_views
        counted = f"{domains.a} {len(self.train.a.names)}, {domains.b} {len(self.train.b.names)}"
        seen = "" if views is None else f"{views['a']} and {views['b']} of "
        self.description = f"{seen}{pictures.words}: {counted}{' in pairs' if self.aligned else ''}; {held}"
        self.notes = [*chosen.opened.notes, *found.a.notes, *found.b.notes]
        for kept, known, domain in zip(self.train, looked.sizes, domains):
            own = {name: known[name] for name in kept.names if name in known}
            self.notes += note_on_enlarging(own, domain, self.transform)
        self.description += "".join(
            f"; {name} from {scale_in_words(codec.scale)}" for name, codec in zip(domains, self.codecs) if codec.scale
        )
        if broken:
            self.description += f"; {broken} broken {'file' if broken == 1 else 'files'} left out"

    @property
    def sizes(self) -> Pair[int]:
        """How many training pictures each domain has."""
        return self.train.map(lambda pictures: len(pictures.names))

    @property
    def lengths(self) -> None:
        """Pictures of a run are all of one size, or go through it one by one."""
        return None

    def training_pair(self, index_a: int, index_b: int, seed: int) -> Pair[Batch]:
        """Two rows (1, C, H, W), augmented each by itself; aligned ones alike."""
        random = Random(seed)
        first = Augmentation.drawn(random, self.flip)
        second = first if self.aligned else Augmentation.drawn(random, self.flip)
        seen = self._seen(self.train)
        return Pair(seen.a.row(index_a, self.transform, first), seen.b.row(index_b, self.transform, second))

    def held_out(self, domain: str) -> Sequence[HeldOut]:
        """The held-out pictures of domain "a" or "b", opened when asked for, with the truth where it is known."""
        seen = self._seen(self.test)
        own, other = seen if domain == "a" else seen.swapped
        return HeldOutPictures(own, other if self._truth_known else None, self.transform.unaugmented())

    def validation(self, domain: str) -> Sequence[HeldOut]:
        """The pictures set aside to choose checkpoints by, without any truth."""
        return HeldOutPictures(getattr(self._seen(self.aside), domain), None, self.transform.unaugmented())

    def whole(self, domain: str, most: int | None = None, *, validation: bool = False) -> HeldOutPictures:
        """The held-out pictures of "a" or "b" as `translate` takes them: at their own size, not cropped, with the truth
        at the same size where it is known.

        Args:
            most: pictures of more pixels are shrunk to so many; None: none are.
            validation: those set aside to choose by instead, without any truth.
        """
        seen = self._seen(self.aside if validation else self.test)
        own, other = seen if domain == "a" else seen.swapped
        return HeldOutPictures(own, other if self._truth_known and not validation else None, Whole(most))

    def sizes_of(self, items: Sequence[HeldOut]) -> str:
        """The sizes of held-out pictures in words: "64 x 64 to 128 x 96 px"."""
        return sizes_of(items)

    def baselines(self, target: str, items: Sequence[HeldOut]) -> Mapping[str, Batch]:
        """Held-out pictures with the colours of the target: mean and covariance, of training pictures, matched for the
        whole set. None between domains of other channels.
        """
        known = self.colours
        source, wanted = (known.a, known.b) if target == "b" else (known.b, known.a)
        if source.mean.shape != wanted.mean.shape:
            return {}
        move = moved(source, wanted)
        return {MATCHED: together([move(item.row) for item in items])}

    @cached_property
    def colours(self) -> Pair[Colours]:
        """Of some training pictures of both domains, as they are cropped without chance."""
        transform = self.transform.unaugmented()

        def of(seen: SeenPictures) -> Colours:
            chosen = drawn_by_name(seen.pictures.names, min(PICTURES, len(seen.pictures.names)))
            return colours_of(seen.row(index, transform) for index in chosen)

        return self._seen(self.train).map(of)

    def use(self, codecs: Pair[ImageCodec]) -> None:
        """Take other codecs: those of a finished run, whose networks know no other range of values."""
        self.codecs = codecs

    def _seen(self, pictures: Pair[PictureList]) -> Pair[SeenPictures]:
        """Both domains of a split, as the run sees them."""
        return Pair(*map(SeenPictures, pictures, self.views, self.codecs, self.readings))


def _check_options(
    preprocess: Preprocess, load_size: int, crop_size: int, test_share: float, held_out: int | None
) -> None:
    if min(load_size, crop_size) < 1:
        raise RecipeError(f"data.crop_size: sizes are at least 1, got load_size {load_size}, crop_size {crop_size}")
    if preprocess in ("resize_and_crop", "scale_width_and_crop") and crop_size > load_size:
        raise RecipeError(
            f"data.crop_size: {crop_size} is larger than data.load_size {load_size}, from which it is cut; "
            f"set data.load_size to {crop_size} or more"
        )
    if not 0 <= test_share < 1:
        raise RecipeError(f"data.test_share: {test_share} is no share; choose from 0 (hold nothing out) up to 0.5")
    if held_out is not None and held_out < 1:
        raise RecipeError(f"data.held_out: {held_out} pictures; choose 1 or more, or null for all")
