"""Read-out: from a shape's latents to exactly N even surface points with normals and colours.

Everything is in the canonical frame; M = ceil(candidates_per_point N) candidates. A stretch along
x, y and z maps points to p * stretch and normals to n / stretch, of length 1: in 3 to 5, so that
the stretched surface is covered evenly, and at the end.
1. r_j = mean distance from anchor j to its reach_neighbours nearest other anchors (or to all).
   Candidate i (0-based) belongs to the first anchor j whose cumulative sum of r^2, divided by the
   total, exceeds (i + 0.5) / M; its start is p_i = a_j + candidate_spread r_j g_i, with g_i the
   i-th row of the caller's noise [M, 3] ~ N(0, 1).
2. ``approaches`` times: p <- p - s(p) n(p). What follows takes distance and normal of the last.
3. Reliability q_i = max(exp(-(s_i / reliable_residual)^2), least_reliability),
   s_i the last evaluation's distance.
   Candidates i and j are neighbours where |p_i - p_j| <= a radius and n_i . n_j >
   same_side_cosine, so that
   the two sides of a thin part are not.
4. Area A = pi R^2 sum_i q_i / k_i, k_i the sum of q over i and its neighbours within
   R = crowding_radius sqrt(crowding_candidates / M).
5. Weighted sample elimination (Yuksel 2015): neighbours within
   rho = min(2 sqrt(A / (2 sqrt(3) N)), 2 R), twice the radius of the densest packing of discs,
   crowd one another by
   p_i = (least_pressure + sum_j q_j (1 - |p_i - p_j| / rho)^8) / q_i. The candidate of
   the largest p (the first of equals) is removed and its neighbours' p fall, until N are left.
6. The N points once more: p <- p - s(p) n(p); their normals and colours are this evaluation's.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse import csr_array
from scipy.spatial import cKDTree
from torch import Tensor

from .field import Field


@dataclass(frozen=True)
class ReadoutConfig:
    """The same names stand in ``config.json`` under "readout"."""

    candidates_per_point: float = 3.0
    candidate_spread: float = 0.6
    reach_neighbours: int = 3
    approaches: int = 2
    reliable_residual: float = 0.03
    least_reliability: float = 1e-6
    same_side_cosine: float = 0.3
    crowding_radius: float = 0.035
    crowding_candidates: int = 8192
    least_pressure: float = 1e-4

    def candidates(self, points: int) -> int:
        """M, the rows of noise that the caller brings for N points."""
        return math.ceil(self.candidates_per_point * points)


def candidate_points(anchors: Tensor, noise: Tensor, config: ReadoutConfig) -> Tensor:
    """Step 1: anchors [L, 3], noise [M, 3] -> starts [M, 3]."""
    count = len(anchors)
    distances = (anchors[:, None] - anchors[None]).norm(dim=-1)
    distances.fill_diagonal_(torch.inf)
    neighbours = min(config.reach_neighbours, count - 1)
    reach = distances.topk(neighbours, dim=-1, largest=False).values.mean(-1)
    share = reach.double().square().cumsum(0)
    share = share / share[-1]
    wanted = (torch.arange(len(noise), dtype=torch.float64) + 0.5) / len(noise)
    owner = torch.searchsorted(share, wanted, right=True).clamp_max(count - 1)
    return anchors[owner] + config.candidate_spread * reach[owner, None] * noise


def neighbours(
    points: np.ndarray, normals: np.ndarray, radius: float, cosine: float
) -> tuple[np.ndarray, ...]:
    """Pairs [P], [P] of candidates on the same side of the surface within a radius."""
    pairs = cKDTree(points).query_pairs(radius, output_type="ndarray")
    first, second = pairs[:, 0], pairs[:, 1]
    same_side = (normals[first] * normals[second]).sum(-1) > cosine
    return first[same_side], second[same_side]


def thin(
    points: np.ndarray,
    normals: np.ndarray,
    residual: np.ndarray,
    count: int,
    config: ReadoutConfig,
) -> np.ndarray:
    """Steps 3 to 5: candidates [M, 3], [M, 3], [M] -> indices [N] of an even subset, ascending."""
    total = len(points)
    ratio = residual.astype(np.float64) / config.reliable_residual
    reliable = np.exp(-np.square(ratio)).clip(config.least_reliability)
    radius = config.crowding_radius * math.sqrt(config.crowding_candidates / total)
    first, second = neighbours(points, normals, radius, config.same_side_cosine)
    crowd = reliable.copy()
    crowd += np.bincount(first, reliable[second], total)
    crowd += np.bincount(second, reliable[first], total)
    area = math.pi * radius**2 * (reliable / crowd).sum()
    spacing = min(2 * math.sqrt(area / (2 * math.sqrt(3) * count)), 2 * radius)

    first, second = neighbours(points, normals, spacing, config.same_side_cosine)
    distance = np.linalg.norm(points[first].astype(np.float64) - points[second], axis=-1)
    kernel = (np.maximum(0, 1 - distance / spacing) ** 8).astype(np.float32).astype(np.float64)
    crowding = csr_array(
        (
            np.concatenate([kernel, kernel]),
            (np.concatenate([first, second]), np.concatenate([second, first])),
        ),
        shape=(total, total),
    )
    pressure = (config.least_pressure + crowding @ reliable) / reliable
    # Pressures only fall, so an outdated entry stands too high: it is put back when it comes up.
    queue = [(-value, index) for index, value in enumerate(pressure.tolist())]
    heapq.heapify(queue)
    kept = np.ones(total, bool)
    while total > count:
        value, index = queue[0]
        if -value != pressure[index]:
            heapq.heapreplace(queue, (-pressure[index], index))
            continue
        heapq.heappop(queue)
        kept[index] = False
        total -= 1
        row = slice(crowding.indptr[index], crowding.indptr[index + 1])
        others = crowding.indices[row]
        pressure[others] -= reliable[index] * crowding.data[row] / reliable[others]
    return np.flatnonzero(kept)


@torch.no_grad()
def read_out(
    field: Field,
    latents: Tensor,
    noise: Tensor,
    count: int,
    config: ReadoutConfig,
    stretch: tuple[float, float, float] = (1.0, 1.0, 1.0),
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """latents [L, 3 + F], noise [M, 3] -> points, normals, rgb, each [N, 3] float32."""
    tokens = field.tokens(latents[None])
    points = candidate_points(latents[:, :3], noise, config)[None]
    for _ in range(config.approaches):
        distance, direction, _ = field.query(tokens, points)
        points = points - distance[..., None] * direction
    kept = thin(*stretched(points, direction, stretch), distance[0].numpy(), count, config)
    points = points[:, kept]
    distance, direction, rgb = field.query(tokens, points)
    points = points - distance[..., None] * direction
    return *stretched(points, direction, stretch), rgb[0].numpy()


def stretched(
    points: Tensor, normals: Tensor, stretch: tuple[float, float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Points and normals [1, N, 3] under a stretch, each [N, 3]."""
    factors = torch.tensor(stretch)
    normals = normals[0] / factors
    normals = normals / normals.norm(dim=-1, keepdim=True).clamp_min(1e-12)
    return (points[0] * factors).numpy(), normals.numpy()
