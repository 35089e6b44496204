"""Did something change while the run went on? Steps with their time, slow change, and rhythm."""

from reli_analysis.drift.changes import change_points, shape_of
from reli_analysis.drift.model import ChangePoint, Shape, Slope

__all__ = ["ChangePoint", "Shape", "Slope", "change_points", "shape_of"]
