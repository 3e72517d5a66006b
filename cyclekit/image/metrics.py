"""Metrics of pictures: two distances between sets of pictures, two to a known truth, one to the source's structure.

All of them read pictures as the 8-bit levels that `translate` would write, so that a number measured in memory is the
number of the saved files.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from cyclekit.core.batch import Batch, concat
from cyclekit.core.metric import Measured, MetricUnavailable, Translated, averaged
from cyclekit.image.features import FEATURE_SPACE, WEIGHTS, WIDTH, checked_size, lite0
from cyclekit.registry import register

IDENTICAL_PSNR = 100.0
"""Decibels for a picture equal to its truth in every level: the ratio is infinite, which neither a mean nor JSON holds.

Rounding noise alone is 59 dB, so that nothing but equality, or a few values off by one level, comes near."""

# Rows of a kernel matrix held at once: sets of tens of thousands of pictures need no n x n memory.
KERNEL_ROWS = 1024


@register("metric", "kid")
class KernelDistance:
    """KID: squared maximum mean discrepancy of fakes and real target pictures, in EfficientNet-Lite0 features.

    The unbiased estimator with the cubic polynomial kernel, over all rows of both sets (Binkowski et al. 2018,
    "Demystifying MMD GANs", section 4; they use Inception features, so their values do not compare). Unbiased means
    that its mean is the distance of the distributions whatever the number of pictures, so that it can be a little
    below 0 when they are equal, and that values from sets of different sizes compare.

    The spread is the standard deviation over `bootstraps` seeded resamples of the rows of both sets, drawn with
    replacement and independently. A row drawn twice is never compared with itself: its kernel with itself would be the
    largest there is, and bias every resample upwards. Near a distance of 0 the bootstrap errs on the large side, by
    half to three quarters. (The spread that the paper's code prints is another one: that of 100 subsets of 1000
    pictures, which tells the subset's size more than the value's certainty.)

    Args:
        feature_size: pictures are resized to this side before the network sees them; a multiple of 32. At the network's
            own 224, paintings and photographs, blur, noise and checkerboards stand out further from the noise of the
            sample than at 160 or 128, by up to a factor of two, even where pictures of 64 pixels must be enlarged.
        bootstraps: resamples for the spread, 0 for none.
        seed: of the resampling.

    Raises:
        ValueError: a size the network cannot take, or a negative number of bootstraps.
    """

    name = f"KID ({FEATURE_SPACE})"
    better: Literal["lower", "higher"] = "lower"
    needs_truth = False

    def __init__(self, *, feature_size: int = 224, bootstraps: int = 200, seed: int = 0) -> None:
        if bootstraps < 0 or bootstraps == 1:
            raise ValueError(f"bootstraps must be 0 or at least 2, got {bootstraps}")
        self.feature_size = checked_size(feature_size)
        self.bootstraps = bootstraps
        self.seed = seed

    @property
    def protocol(self) -> dict[str, object]:
        """What was measured, and how."""
        return {
            **_feature_protocol(self.feature_size),
            "estimator": f"unbiased squared MMD, kernel (x.y / {WIDTH} + 1)^3, all rows",
            "spread": f"standard deviation over {self.bootstraps} bootstrap resamples of the rows",
            "seed": self.seed,
        }

    def __call__(self, translated: Translated) -> Measured:
        """Distance of `fake` (n rows) from `real` (m rows), both (., C, H, W) in [-1, 1], of any sizes.

        Raises:
            MetricUnavailable: see `features_of`; or fewer than two pictures in a set.
        """
        fake, real = (features_of(batch, self.feature_size).double() for batch in (translated.fake, translated.real))
        # Row 0 counts every picture once: the value itself. The others are bootstrap resamples.
        generator = torch.Generator().manual_seed(self.seed)
        fake_counts, real_counts = (_resamples(len(rows), self.bootstraps, generator) for rows in (fake, real))
        values = kernel_distance(fake, real, fake_counts, real_counts)
        spread = float(values[1:].std(correction=0)) if self.bootstraps else None
        return Measured(float(values[0]), spread)


@register("metric", "frechet")
class FrechetDistance:
    """FD: Frechet distance of fakes and real target pictures, each set as one Gaussian, in EfficientNet-Lite0 features.

    |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)), the formula that is called FID in Inception features (Heusel et al.
    2017, "GANs Trained by a Two Time-Scale Update Rule"); this is another space, and its values do not compare.

    It is **biased upwards, the more the fewer pictures** (Chong and Forsyth 2020, "Effectively Unbiased FID"): with
    fewer rows than its 1280 dimensions the covariances are singular, and two samples of one distribution are far from
    0. Compare it only between rows of one table, where the counts are equal; for a few hundred pictures believe KID.
    There is no spread for that reason: resamples repeat rows, and so move the bias further than the noise to be shown.

    Args:
        feature_size: pictures are resized to this side before the network sees them; a multiple of 32.

    Raises:
        ValueError: a size the network cannot take.
    """

    name = f"FD ({FEATURE_SPACE})"
    better: Literal["lower", "higher"] = "lower"
    needs_truth = False

    def __init__(self, *, feature_size: int = 224) -> None:
        self.feature_size = checked_size(feature_size)

    @property
    def protocol(self) -> dict[str, object]:
        """What was measured, and how."""
        return {
            **_feature_protocol(self.feature_size),
            "estimator": "Frechet distance of Gaussians, sample covariances, float64, all rows",
            "bias": f"upwards, most of all below {WIDTH} pictures: compare at equal counts only",
        }

    def __call__(self, translated: Translated) -> Measured:
        """Distance of `fake` (n rows) from `real` (m rows), both (., C, H, W) in [-1, 1], of any sizes.

        Raises:
            MetricUnavailable: see `features_of`; or fewer than two pictures in a set.
        """
        fake, real = (features_of(batch, self.feature_size).double() for batch in (translated.fake, translated.real))
        return Measured(frechet_distance(fake, real))


@register("metric", "psnr")
class PSNR:
    """PSNR: peak signal-to-noise ratio of each fake to its truth in decibels, averaged over the pictures.

    10 log10(255^2 / MSE) of 8-bit levels, the mean square over all channels of a picture; a picture equal to its truth
    counts as 100 dB. The spread is the standard error of the mean over pictures.
    """

    name = "PSNR"
    better: Literal["lower", "higher"] = "higher"
    needs_truth = True

    @property
    def protocol(self) -> dict[str, object]:
        """What was measured, and how."""
        return {
            "unit": "dB, mean over pictures",
            "pictures": "8-bit levels, all channels",
            "identical pictures": f"{IDENTICAL_PSNR:g} dB",
        }

    def __call__(self, translated: Translated) -> Measured:
        """Score `fake` against `truth`, both (N, C, H, W) in [-1, 1].

        Raises:
            MetricUnavailable: there is no truth, or it has another shape.
        """
        fake, truth = _with_truth(translated)
        error = (fake.double() - truth.double()).square().mean((1, 2, 3))
        return averaged((10 * torch.log10(255**2 / error)).clamp(max=IDENTICAL_PSNR))


@register("metric", "ssim")
class SSIM:
    """SSIM: structural similarity of each fake to its truth, averaged over the pictures; 1 for equal ones, at least -1.

    As published (Wang et al. 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity", section
    III C) and in its authors' code: on luma (ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B), Gaussian window of 11 x 11
    with deviation 1.5, population covariances, K1 0.01, K2 0.03, range 255, and only windows that lie inside the
    picture. The spread is the standard error of the mean over pictures.
    """

    name = "SSIM"
    better: Literal["lower", "higher"] = "higher"
    needs_truth = True
    window = 11

    @property
    def protocol(self) -> dict[str, object]:
        """What was measured, and how."""
        return {
            "pictures": "luma (ITU-R BT.601) of 8-bit levels, mean over pictures",
            "window": "Gaussian 11 x 11, deviation 1.5, inside the picture",
            "constants": "K1 0.01, K2 0.03, range 255",
        }

    def __call__(self, translated: Translated) -> Measured:
        """Score `fake` against `truth`, both (N, C, H, W) in [-1, 1].

        Raises:
            MetricUnavailable: there is no truth, it has another shape, or pictures are smaller than the window.
        """
        fake, truth = (luma(levels) for levels in _with_truth(translated))
        if min(fake.shape[2:]) < self.window:
            size, found = f"{self.window} x {self.window}", f"{fake.shape[3]} x {fake.shape[2]}"
            raise MetricUnavailable(f"needs pictures of at least {size} pixels; these are {found}")
        mean_fake, mean_truth = _blurred(fake), _blurred(truth)
        variance_fake = _blurred(fake.square()) - mean_fake.square()
        variance_truth = _blurred(truth.square()) - mean_truth.square()
        covariance = _blurred(fake * truth) - mean_fake * mean_truth
        c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
        luminance = (2 * mean_fake * mean_truth + c1) / (mean_fake.square() + mean_truth.square() + c1)
        contrast_and_structure = (2 * covariance + c2) / (variance_fake + variance_truth + c2)
        return averaged((luminance * contrast_and_structure).mean((1, 2, 3)))


@register("metric", "structure")
class StructureKept:
    """How much of the source's drawing is still in the fake: the correlation of their luma gradients.

    sum(g_source . g_fake) / sqrt(sum |g_source|^2 sum |g_fake|^2) over the Sobel gradient vectors of a picture, then
    the mean over pictures. 1 for the copy and for any change of brightness or contrast, near 0 for another picture,
    negative for an inverted one; strong edges count most. It needs no truth, and is no goal by itself: *copy the input*
    scores 1, so it is read beside KID. The spread is the standard error of the mean over pictures.
    """

    name = "structure kept (gradient correlation)"
    better: Literal["lower", "higher"] = "higher"
    needs_truth = False

    @property
    def protocol(self) -> dict[str, object]:
        """What was measured, and how."""
        return {
            "pictures": "luma (ITU-R BT.601) of 8-bit levels, mean over pictures",
            "gradient": "Sobel 3 x 3, inside the picture, at the pictures' own size",
            "copying": "is perfect by construction",
        }

    def __call__(self, translated: Translated) -> Measured:
        """Compare `fake` with `source`, both (N, C, H, W) in [-1, 1]; their channels may differ.

        Raises:
            MetricUnavailable: their sizes differ, or are below 3 x 3.
        """
        source, fake = luma(levels_of(translated.source)), luma(levels_of(translated.fake))
        if source.shape != fake.shape or min(source.shape[2:]) < 3:
            shapes = f"{tuple(translated.source.data.shape)} and {tuple(translated.fake.data.shape)}"
            raise MetricUnavailable(f"needs sources and fakes of one size, at least 3 x 3; these are {shapes}")
        source, fake = _gradients(source), _gradients(fake)
        lengths = [torch.linalg.vector_norm(gradients, dim=(1, 2, 3)) for gradients in (source, fake)]
        correlation = (source * fake).sum((1, 2, 3)) / (lengths[0] * lengths[1])
        # A flat picture has no gradient, up to rounding; one level of blue in one pixel already has 0.4. It has no
        # structure to lose, so that it is kept by another flat one and by nothing else.
        flat = [length < 1e-6 for length in lengths]
        return averaged(torch.where(flat[0] | flat[1], (flat[0] & flat[1]).double(), correlation))


def levels_of(batch: Batch) -> Tensor:
    """The 8-bit levels that saving would write: (N, C, H, W) in [-1, 1] of any float type, to uint8.

    Raises:
        MetricUnavailable: these are no pictures, there are none, or some hold NaN or infinity.
    """
    pictures = batch.data
    if pictures.dim() != 4 or not pictures.is_floating_point() or not len(pictures):
        raise MetricUnavailable(f"needs pictures (N, C, H, W) in [-1, 1]; got {tuple(pictures.shape)} {pictures.dtype}")
    broken = int((~pictures.isfinite()).flatten(1).any(1).sum())
    if broken:
        raise MetricUnavailable(f"needs finite pictures; {broken} of {len(pictures)} hold NaN or infinity")
    return pictures.detach().float().add(1).mul(127.5).round().clamp(0, 255).to(torch.uint8)


def luma(levels: Tensor) -> Tensor:
    """Brightness as the eye weighs it (ITU-R BT.601): (N, 1 or 3, H, W) uint8 to (N, 1, H, W) float64 in [0, 255].

    Raises:
        MetricUnavailable: pictures of any other number of channels.
    """
    if levels.shape[1] == 1:
        return levels.double()
    if levels.shape[1] != 3:
        raise MetricUnavailable(f"needs pictures of 1 or 3 channels; these have {levels.shape[1]}")
    weights = torch.tensor([0.299, 0.587, 0.114], dtype=torch.float64, device=levels.device)
    return (levels.double() * weights[:, None, None]).sum(1, keepdim=True)


def features_of(batch: Batch, size: int) -> Tensor:
    """EfficientNet-Lite0 features (N, 1280), float32 on the CPU, of pictures (N, C, H, W) in [-1, 1].

    Raises:
        MetricUnavailable: the packages are missing, fewer than two pictures, or pictures it cannot read.
    """
    if batch.size < 2:
        raise MetricUnavailable(f"needs at least 2 pictures of each domain; got {batch.size}")
    return lite0(size)(levels_of(batch))


def kernel_distance(x: Tensor, y: Tensor, x_counts: Tensor | None = None, y_counts: Tensor | None = None) -> Tensor:
    """Unbiased squared MMD with the kernel (x.y / D + 1)^3, of x (N, D) and y (M, D) float64, to (R,) values.

    Args:
        x_counts, y_counts: (R, N) and (R, M), how often each resample has each row; None: each row once, R = 1. Pairs
            of a row with itself are left out, however often it was drawn.
    """
    x_counts = x.new_ones(1, len(x)) if x_counts is None else x_counts
    y_counts = y.new_ones(1, len(y)) if y_counts is None else y_counts
    within = _kernel_mean(x, None, x_counts, x_counts) + _kernel_mean(y, None, y_counts, y_counts)
    return within - 2 * _kernel_mean(x, y, x_counts, y_counts)


def frechet_distance(x: Tensor, y: Tensor) -> float:
    """Frechet distance of the Gaussians with the sample means and covariances of x (N, D) and y (M, D), float64.

    The trace of (S1 S2)^(1/2) is the sum of the singular values of X1 X2^T for centred, scaled X with S = X^T X: the
    nonzero eigenvalues of S1 S2 are their squares. Neither a covariance nor its root is ever formed, so that singular
    ones (fewer rows than D) lose nothing, where a root of the product has complex parts to be dropped.
    """
    centred = [(rows - rows.mean(0)) / (len(rows) - 1) ** 0.5 for rows in (x, y)]
    traces = sum(float(rows.square().sum()) for rows in centred)
    # More rows than dimensions: the triangular factor has the same X^T X and is smaller.
    factors = [torch.linalg.qr(rows, mode="r").R if len(rows) > rows.shape[1] else rows for rows in centred]
    root = float(torch.linalg.svdvals(factors[0] @ factors[1].T).sum())
    return max(float((x.mean(0) - y.mean(0)).square().sum()) + traces - 2 * root, 0.0)  # rounding may end at -1e-13


def _kernel_mean(x: Tensor, y: Tensor | None, x_counts: Tensor, y_counts: Tensor) -> Tensor:
    """Mean kernel (R,) over all pairs of rows of x and y, counted as drawn; None: of x and x, without the diagonal."""
    total = x.new_zeros(len(x_counts))
    for start in range(0, len(x), KERNEL_ROWS):
        rows = slice(start, start + KERNEL_ROWS)
        kernel = (x[rows] @ (x if y is None else y).T / x.shape[1] + 1) ** 3
        if y is None:
            kernel.diagonal(start).zero_()
        total += ((x_counts[:, rows] @ kernel) * y_counts).sum(1)
    pairs = x_counts.sum(1) * y_counts.sum(1)
    return total / (pairs - x_counts.square().sum(1) if y is None else pairs)


def _resamples(rows: int, bootstraps: int, generator: torch.Generator) -> Tensor:
    """How often each row is drawn, (1 + bootstraps, rows) float64: once each, then with replacement."""
    counts = torch.ones(1 + bootstraps, rows, dtype=torch.float64)
    for resample in counts[1:]:
        resample.copy_(torch.randint(rows, (rows,), generator=generator).bincount(minlength=rows))
    return counts


def _feature_protocol(size: int) -> dict[str, object]:
    return {
        "features": f"{FEATURE_SPACE}, ImageNet weights {WEIGHTS}, {WIDTH} pooled features of the last convolution",
        "pictures": "8-bit levels",
        "input": f"{size} x {size}, bicubic, antialiased",
    }


def _with_truth(translated: Translated) -> tuple[Tensor, Tensor]:
    """The levels of fakes and truths."""
    if translated.truth is None:
        raise MetricUnavailable("needs the true translation of each source, which these data have not")
    fake, truth = levels_of(translated.fake), levels_of(concat(translated.truth))
    if fake.shape[1] == 1 and truth.shape[1] == 3:
        fake = fake.expand(-1, 3, -1, -1)  # a grey picture is a colour picture too: the copied input of a colorizer
    elif fake.shape[1] == 3 and truth.shape[1] == 1:
        fake = luma(fake).round().to(torch.uint8)
    if fake.shape != truth.shape:
        shapes = f"{tuple(fake.shape)} and {tuple(truth.shape)}"
        raise MetricUnavailable(f"needs fakes and truths of one shape; these are {shapes}")
    return fake, truth


def _blurred(pictures: Tensor) -> Tensor:
    """Gaussian-weighted mean over 11 x 11 windows inside the picture: (N, 1, H, W) to (N, 1, H - 10, W - 10)."""
    offsets = torch.arange(-5, 6, dtype=pictures.dtype, device=pictures.device)
    window = torch.softmax(-offsets.square() / (2 * 1.5**2), 0)
    return F.conv2d(F.conv2d(pictures, window.view(1, 1, 11, 1)), window.view(1, 1, 1, 11))


def _gradients(pictures: Tensor) -> Tensor:
    """Sobel gradient vectors inside the picture: (N, 1, H, W) to (N, 2, H - 2, W - 2)."""
    across = pictures.new_tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    return F.conv2d(pictures, torch.stack([across, across.T])[:, None])
