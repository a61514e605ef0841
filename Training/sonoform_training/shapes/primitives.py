"""Solids in their own frames: uniform samples of their surface, inside tests, support points.

A solid knows three things, all in local coordinates:
    sample(count, rng) -> points [N, 3], outward unit normals [N, 3], uniform by area
    inside(points [N, 3]) -> bool [N]
    support [S, 3]: points whose bounding box under any affine map is the solid's (to 1e-3)
Placing a solid is the business of ``shape.Piece``, which maps it by any affine matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

Array = NDArray[np.float64]
_CIRCLE = np.linspace(0, 2 * np.pi, 128, endpoint=False)
_RING = np.stack([np.cos(_CIRCLE), np.sin(_CIRCLE)], axis=-1)


class Solid:
    """What all solids share."""

    area: float
    support: Array

    def sample(self, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """Uniform surface points and outward normals."""
        raise NotImplementedError

    def inside(self, points: Array) -> NDArray[np.bool_]:
        """Which points lie inside."""
        raise NotImplementedError


class Sphere(Solid):
    """The unit sphere around the origin."""

    area = 4 * np.pi

    def __init__(self) -> None:
        """Support points are a fine latitude and longitude grid."""
        levels = np.linspace(-np.pi / 2, np.pi / 2, 33)
        self.support = np.concatenate(
            [np.column_stack([np.cos(a) * _RING, np.full(128, np.sin(a))]) for a in levels]
        )

    def sample(self, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """See Solid."""
        points = rng.standard_normal((count, 3))
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        return points, points

    def inside(self, points: Array) -> NDArray[np.bool_]:
        """See Solid."""
        return np.square(points).sum(1) < 1


class Lathe(Solid):
    """A surface of revolution around z.

    The profile [(radius, z), …] runs from the axis at the bottom to the axis at the top with the
    solid on its left, so it may turn inwards (a mug's cavity).
    """

    def __init__(self, profile: Sequence[tuple[float, float]]) -> None:
        """Segments that lie on the axis have no surface and are dropped by their zero area."""
        self.profile = np.asarray(profile, dtype=float)
        self._start, self._end = self.profile[:-1], self.profile[1:]
        step = self._end - self._start
        length = np.linalg.norm(step, axis=1)
        self._areas = np.pi * (self._start[:, 0] + self._end[:, 0]) * length
        self.area = float(self._areas.sum())
        safe = np.where(length > 0, length, 1)[:, None]
        self._normals = np.stack([step[:, 1], -step[:, 0]], axis=-1) / safe
        self.support = np.concatenate(
            [np.column_stack([r * _RING, np.full(128, z)]) for r, z in self.profile]
        )

    def sample(self, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """See Solid: the density along a segment grows with the radius."""
        segment = rng.choice(len(self._areas), count, p=self._areas / self.area)
        start, end = self._start[segment], self._end[segment]
        u = rng.random(count)
        inner, outer = start[:, 0], end[:, 0]
        radius = np.sqrt(inner**2 + u * (outer**2 - inner**2))
        slope = np.abs(outer - inner) > 1e-9
        t = np.where(slope, (radius - inner) / np.where(slope, outer - inner, 1), u)
        z = start[:, 1] + t * (end[:, 1] - start[:, 1])
        angle = rng.random(count) * 2 * np.pi
        ring = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
        normal = self._normals[segment]
        return (
            np.column_stack([radius[:, None] * ring, z]),
            np.column_stack([normal[:, :1] * ring, normal[:, 1]]),
        )

    def inside(self, points: Array) -> NDArray[np.bool_]:
        """See Solid: even-odd rule in the half plane (radius, z)."""
        return _in_polygon(
            self.profile, np.column_stack([np.hypot(points[:, 0], points[:, 1]), points[:, 2]])
        )


class Torus(Solid):
    """A tube around the circle of a radius in the xy plane, or around an arc of it (no caps)."""

    def __init__(self, radius: float, tube: float, arc: tuple[float, float] | None = None) -> None:
        """``arc`` gives the first and last angle in radians, counted from +x."""
        self.radius, self.tube = radius, tube
        self.first, self.last = arc or (0.0, 2 * np.pi)
        self._closed = arc is None
        self.area = (self.last - self.first) * radius * 2 * np.pi * tube
        angles = np.linspace(self.first, self.last, 129)
        self.support = np.concatenate(
            [
                np.column_stack(
                    [
                        (radius + tube * np.cos(b)) * np.cos(angles),
                        (radius + tube * np.cos(b)) * np.sin(angles),
                        np.full(129, tube * np.sin(b)),
                    ]
                )
                for b in _CIRCLE[::4]
            ]
        )

    def sample(self, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """See Solid: the outer side of the tube has more area than the inner."""
        around = rng.random(3 * count + 16) * 2 * np.pi
        share = (self.radius + self.tube * np.cos(around)) / (self.radius + self.tube)
        around = around[rng.random(len(around)) < share][:count]
        if len(around) < count:
            more = rng.choice(around, count - len(around))
            around = np.concatenate([around, more])
        along = self.first + rng.random(count) * (self.last - self.first)
        out = np.stack([np.cos(along), np.sin(along)], axis=-1)
        normal = np.column_stack([np.cos(around)[:, None] * out, np.sin(around)])
        return np.column_stack([self.radius * out, np.zeros(count)]) + self.tube * normal, normal

    def inside(self, points: Array) -> NDArray[np.bool_]:
        """See Solid."""
        ring = np.hypot(points[:, 0], points[:, 1]) - self.radius
        within = np.square(ring) + np.square(points[:, 2]) < self.tube**2
        if self._closed:
            return within
        angle = np.arctan2(points[:, 1], points[:, 0]) - self.first
        return within & (np.mod(angle, 2 * np.pi) < self.last - self.first)


class Faceted(Solid):
    """A solid of triangles [T, 3, 3], wound so that their normals point outwards."""

    def __init__(self, triangles: Array) -> None:
        """Subclasses bring the inside test."""
        self.triangles = triangles
        cross = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
        length = np.linalg.norm(cross, axis=1)
        self._normals = cross / length[:, None]
        self._areas = length / 2
        self.area = float(self._areas.sum())
        self.support = np.unique(triangles.reshape(-1, 3), axis=0)

    def sample(self, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """See Solid."""
        chosen = rng.choice(len(self._areas), count, p=self._areas / self.area)
        u, v = rng.random((2, count, 1))
        flip = u + v > 1
        u, v = np.where(flip, 1 - u, u), np.where(flip, 1 - v, v)
        a, b, c = np.moveaxis(self.triangles[chosen], 1, 0)
        return a + u * (b - a) + v * (c - a), self._normals[chosen]


class Convex(Faceted):
    """The convex hull of some vertices."""

    def __init__(self, vertices: Sequence[Sequence[float]]) -> None:
        """Triangulates the hull."""
        vertices = np.asarray(vertices, dtype=float)
        hull = ConvexHull(vertices)
        triangles = vertices[hull.simplices]
        cross = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
        inward = (cross * hull.equations[:, :3]).sum(1) < 0
        triangles[inward] = triangles[inward][:, ::-1]
        super().__init__(triangles)
        self._planes = np.unique(hull.equations.round(9), axis=0)

    def inside(self, points: Array) -> NDArray[np.bool_]:
        """See Solid."""
        return (points @ self._planes[:, :3].T + self._planes[:, 3] < 0).all(1)


class Prism(Faceted):
    """A polygon [(x, y), …], counter-clockwise, star-shaped about its centroid; |z| <= 1/2."""

    def __init__(self, polygon: Sequence[tuple[float, float]]) -> None:
        """Caps are fans around the centroid, sides are two triangles each."""
        self._polygon = np.asarray(polygon, dtype=float)
        centre = np.append(self._polygon.mean(0), 0.0)
        low = np.column_stack([self._polygon, np.full(len(polygon), -0.5)])
        up = np.array([0, 0, 0.5])
        high = low + 2 * up
        next_low, next_high = np.roll(low, -1, 0), np.roll(high, -1, 0)
        middle = np.broadcast_to(centre, low.shape)
        triangles = [
            np.stack([middle + up, high, next_high], axis=1),
            np.stack([middle - up, next_low, low], axis=1),
            np.stack([low, next_low, next_high], axis=1),
            np.stack([low, next_high, high], axis=1),
        ]
        super().__init__(np.concatenate(triangles))

    def inside(self, points: Array) -> NDArray[np.bool_]:
        """See Solid."""
        closed = np.concatenate([self._polygon, self._polygon[:1]])
        return (np.abs(points[:, 2]) < 0.5) & _in_polygon(closed, points[:, :2])


def _in_polygon(path: Array, points: Array) -> NDArray[np.bool_]:
    """Even-odd rule for a path [V, 2] whose ends meet or both lie on the left border."""
    x, y = points[:, :1], points[:, 1:]
    x0, y0, x1, y1 = path[:-1, 0], path[:-1, 1], path[1:, 0], path[1:, 1]
    crosses = (y0 > y) != (y1 > y)
    height = np.where(y1 == y0, 1, y1 - y0)
    hit = crosses & (x < x0 + (y - y0) * (x1 - x0) / height)
    return hit.sum(1) % 2 == 1


@cache
def unit_sphere() -> Sphere:
    """Radius 1 around the origin."""
    return Sphere()


@cache
def unit_box() -> Convex:
    """Edges of 1, centred on the origin."""
    return Convex([(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])


@cache
def unit_pyramid() -> Convex:
    """Base of edges 1 centred on the origin at z = 0, apex at z = 1."""
    return Convex([(x, y, 0) for x in (-0.5, 0.5) for y in (-0.5, 0.5)] + [(0, 0, 1)])


@cache
def unit_gable() -> Convex:
    """Base of edges 1 centred on the origin at z = 0, a ridge along x at z = 1."""
    return Convex(
        [(x, y, 0) for x in (-0.5, 0.5) for y in (-0.5, 0.5)] + [(-0.5, 0, 1), (0.5, 0, 1)]
    )


def frustum(bottom: float, top: float, low: float, high: float) -> Lathe:
    """A closed truncated cone between two heights; also cylinders and cones."""
    return Lathe([(0, low), (bottom, low), (top, high), (0, high)])


def rounded(radius: float, length: float) -> Lathe:
    """A capsule along z: the middles of its round ends are at 0 and ``length``."""
    angles = np.linspace(0, np.pi / 2, 9)
    end = [(radius * float(np.sin(a)), radius * float(np.cos(a))) for a in angles]
    lower = [(r, -z) for r, z in end]
    return Lathe(lower + [(r, length + z) for r, z in reversed(end)])


def shell(outer: Sequence[tuple[float, float]], wall: float) -> Lathe:
    """An open vessel: an outer profile [(radius, z), …] from the axis at the bottom to the lip, and
    the same moved inwards by the wall."""
    path = np.asarray(outer, dtype=float)
    step = np.gradient(path, axis=0)
    normal = np.column_stack([step[:, 1], -step[:, 0]])
    inner = path - wall * normal / np.linalg.norm(normal, axis=1, keepdims=True)
    inner[0, 0], inner[:, 0] = 0.0, np.maximum(inner[:, 0], 0)
    inner[-1, 1] = path[-1, 1]
    return Lathe([*map(tuple, path), *map(tuple, inner[::-1])])
