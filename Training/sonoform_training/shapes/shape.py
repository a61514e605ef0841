"""A shape: placed solids with parts, its visible surface, its closest points, its anchors."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from .primitives import Array, Solid

# A surface point is hidden when this little step outwards ends inside another piece; so two faces
# that touch hide each other.
_STEP_OUT = 1e-3
# Of a closest sample's tangent plane only this neighbourhood is trusted (it may end at an edge).
_PLANE_REACH = 0.02


@dataclass(frozen=True)
class Piece:
    """A solid placed by x -> matrix x + offset. One leg is one piece of the part "legs"."""

    part: str
    solid: Solid
    matrix: Array = field(default_factory=lambda: np.eye(3))
    offset: Array = field(default_factory=lambda: np.zeros(3))

    def place(self, points: Array) -> Array:
        """Local -> shape coordinates, [N, 3]."""
        return points @ self.matrix.T + self.offset

    def local(self, points: Array) -> Array:
        """Shape -> local coordinates, [N, 3]."""
        return (points - self.offset) @ np.linalg.inv(self.matrix).T

    def then(self, matrix: Array, offset: Array) -> Piece:
        """The piece moved by a further affine map."""
        return replace(self, matrix=matrix @ self.matrix, offset=matrix @ self.offset + offset)

    @cached_property
    def _corners(self) -> tuple[Array, Array]:
        points = self.place(self.solid.support)
        return points.min(0), points.max(0)

    def bounds(self) -> tuple[Array, Array]:
        """Lowest and highest corner."""
        return self._corners

    def inside(self, points: Array) -> NDArray[np.bool_]:
        """Which points [N, 3] lie inside, culled by the bounding box."""
        low, high = self.bounds()
        result = ((points > low) & (points < high)).all(1)
        near = np.flatnonzero(result)
        if len(near):
            result[near] = self.solid.inside(self.local(points[near]))
        return result

    def _stretch(self) -> tuple[Array, float]:
        """How the map grows areas: the cofactor matrix, and the largest growth of any area."""
        cofactor = np.linalg.inv(self.matrix).T * abs(np.linalg.det(self.matrix))
        return cofactor, float(np.linalg.norm(cofactor, 2))

    def area_bound(self) -> float:
        """At least the placed surface's area: what ``sample``'s candidates are spread over."""
        return self.solid.area * self._stretch()[1]

    def sample(self, candidates: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """Uniform points and normals, fewer than ``candidates``: density candidates/area_bound."""
        points, normals = self.solid.sample(candidates, rng)
        cofactor, largest = self._stretch()
        normals = normals @ cofactor.T
        growth = np.linalg.norm(normals, axis=1)
        kept = rng.random(candidates) * largest < growth
        return self.place(points[kept]), normals[kept] / growth[kept, None]


@dataclass(frozen=True)
class Surface:
    """Points of a visible surface: xyz and normals [N, 3], the piece of each [N]."""

    points: Array
    normals: Array
    pieces: NDArray[np.intp]

    def __getitem__(self, index) -> Surface:
        """A subset."""
        return Surface(self.points[index], self.normals[index], self.pieces[index])


@dataclass(frozen=True)
class Shape:
    """Pieces in the canonical frame."""

    pieces: tuple[Piece, ...]

    def bounds(self) -> tuple[Array, Array]:
        """Lowest and highest corner."""
        corners = [piece.bounds() for piece in self.pieces]
        return np.min([low for low, _ in corners], 0), np.max([high for _, high in corners], 0)

    def then(self, matrix: Array, offset: Array | None = None) -> Shape:
        """The shape under a further affine map."""
        offset = np.zeros(3) if offset is None else offset
        return Shape(tuple(piece.then(matrix, offset) for piece in self.pieces))

    def normalised(self) -> Shape:
        """Longest side 1, standing on z = 0, centred on x = y = 0."""
        low, high = self.bounds()
        factor = 1 / (high - low).max()
        centre = (low + high) / 2
        origin = np.array([centre[0], centre[1], low[2]])
        return self.then(np.eye(3) * factor, -origin * factor)

    def inside(self, points: Array) -> NDArray[np.bool_]:
        """Which points [N, 3] lie inside any piece."""
        result = np.zeros(len(points), dtype=bool)
        for piece in self.pieces:
            result |= piece.inside(points)
        return result

    def sample(self, count: int, rng: np.random.Generator) -> Surface:
        """``count`` points, uniform by area on the visible outer surface, in random order."""
        bounds = np.array([piece.area_bound() for piece in self.pieces])
        found: list[Surface] = []
        missing, share = count, 0.6
        while missing > 0:
            candidates = rng.multinomial(int(missing / share) + 64, bounds / bounds.sum())
            found.append(self._visible(candidates, rng))
            kept = sum(len(surface.points) for surface in found)
            share = max(0.2, min(1.0, len(found[-1].points) / candidates.sum()) * 0.95)
            missing = count - kept
        surface = Surface(
            np.concatenate([s.points for s in found]),
            np.concatenate([s.normals for s in found]),
            np.concatenate([s.pieces for s in found]),
        )
        return surface[rng.permutation(len(surface.points))[:count]]

    def _visible(self, candidates: NDArray[np.intp], rng: np.random.Generator) -> Surface:
        points, normals, owners = [], [], []
        for index, (piece, wanted) in enumerate(zip(self.pieces, candidates, strict=True)):
            p, n = piece.sample(int(wanted), rng)
            points.append(p)
            normals.append(n)
            owners.append(np.full(len(p), index))
        surface = Surface(np.concatenate(points), np.concatenate(normals), np.concatenate(owners))
        outside = surface.points + _STEP_OUT * surface.normals
        hidden = np.zeros(len(outside), dtype=bool)
        if len(self.pieces) > 1:
            for index, piece in enumerate(self.pieces):
                hidden |= piece.inside(outside) & (surface.pieces != index)
        return surface[~hidden]


class ClosestPoints:
    """Signed distances and closest surface points, from a dense sample and its tangent planes."""

    def __init__(self, shape: Shape, dense: Surface) -> None:
        """``dense`` is a sample of the shape's surface, some ten thousand points."""
        self.shape, self.dense = shape, dense
        self._tree = cKDTree(dense.points, balanced_tree=False, compact_nodes=False)

    def __call__(self, queries: Array) -> tuple[Array, Array, NDArray[np.intp]]:
        """[Q, 3] -> signed distance [Q] (negative inside), outward direction [Q, 3], piece [Q]."""
        _, index = self._tree.query(queries)
        nearest = self.dense[index]
        closest = project(queries, nearest)
        sign = np.where(self.shape.inside(queries), -1.0, 1.0)
        away = queries - closest
        distance = np.linalg.norm(away, axis=1)
        direction = sign[:, None] * away / np.maximum(distance, 1e-9)[:, None]
        # On the surface, and where the two disagree on which side this is, the normal knows better.
        unsure = (distance < 4e-3) | ((direction * nearest.normals).sum(1) < -0.2)
        direction[unsure] = nearest.normals[unsure]
        return sign * distance, direction, nearest.pieces


def project(points: Array, nearest: Surface) -> Array:
    """Points [N, 3] onto their nearest surface points' tangent planes, within a short reach."""
    away = points - nearest.points
    tangent = away - (away * nearest.normals).sum(1, keepdims=True) * nearest.normals
    length = np.linalg.norm(tangent, axis=1, keepdims=True)
    return nearest.points + tangent * np.minimum(1, _PLANE_REACH / np.maximum(length, 1e-9))
