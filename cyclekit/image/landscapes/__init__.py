from .composition import SEASONS, Scene, scene
from .rendering import photograph_planes, render
from .painting import paint
import numpy as np
def photograph(scene, size):
    return (photograph_planes(scene, *size).transpose(1,2,0)*255+0.5).astype(np.uint8)
def painting(scene, size):
    f=render(scene,*size)
    return (paint(f.colour,f.sky,f.wet,(scene.seed,scene.index,5)).transpose(1,2,0)*255+0.5).astype(np.uint8)
