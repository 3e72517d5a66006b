"""A term that keeps a translation's light and colours near those that a linear map of colours gives the original."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from cyclekit.core.batch import Batch, Pair
from cyclekit.core.parts import Outputs, Term
from cyclekit.image.colours import ColourMap, colour_map
from cyclekit.image.data import ImageData
from cyclekit.image.reconstruction import averaged_over_squares
from cyclekit.registry import RecipeError, register


@register("term", "colours_kept")
def colours_kept(data: ImageData, *, blur: int = 8) -> Term:
    """Mean absolute difference between translations and their originals in the other domain's colours, both averaged
    over squares of pixels; both directions' mean.

    The originals' colours are moved by one linear map for the whole set (`colour_map`): the strongest translation that
    needs no network. What is finer than a square is left to the discriminators. Shrivastava et al. (2017, SimGAN,
    section 2.1.1, "self-regularization") hold translations to their originals so; here the colours are the target's.

    Args:
        blur: side of the squares, in pixels; 1 compares pixels.

    Raises:
        RecipeError: a side below 1, or domains of different channels.
    """
    if blur < 1:
        raise RecipeError(f"objective.terms: colours_kept.blur is {blur}; it is a side in pixels, 1 or more")
    if data.codecs.a.channels != data.codecs.b.channels:
        raise RecipeError("objective.terms: colours_kept needs domains of as many channels as each other")
    known = data.colours
    to = Pair(colour_map(known.b, known.a), colour_map(known.a, known.b))

    def distance(fake: Batch, real: Batch, of_colours: ColourMap) -> Tensor:
        wanted = of_colours(averaged_over_squares(real, blur)).clamp(-1, 1)  # a linear map of averages is their average
        return F.l1_loss(averaged_over_squares(fake, blur), wanted)

    def term(outputs: Outputs) -> Tensor:
        distances = [
            distance(fake, real, of_colours)
            for fake, real, of_colours in zip(outputs.fake, outputs.real.swapped, to)
            if fake is not None
        ]
        return sum(distances[1:], distances[0]) / len(distances)

    return term
