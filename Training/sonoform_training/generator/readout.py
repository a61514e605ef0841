"""Read-out: from a shape's latents to exactly N even surface points with normals and colours.

Everything is in the canonical frame; M = ceil(candidates_per_point N) candidates.
1. r_j = mean distance from anchor j to its 3 nearest other anchors (fewer if L < 4).
   Candidate i (0-based) belongs to the first anchor j whose cumulative sum of r^2, divided by the
   total, exceeds (i + 0.5) / M; its start is p_i = a_j + candidate_spread r_j g_i, with g_i the
   i-th row of the caller's noise [M, 3] ~ N(0, 1).
2. Twice: p <- p - s(p) n(p). Normal and colour are those of the second evaluation.
3. Reliability q_i = max(exp(-(s_i / 0.03)^2), 1e-12), s_i the second evaluation's distance.
   Crowding k_i = sum of q_j over the candidates j (i included) with |p_i - p_j| <= R and
   n_i . n_j > 0.3, R = 0.035 sqrt(8192 / M); weight w_i = q_i / (1 + k_i);
   the 1 keeps a lone candidate that went astray from counting as a sparse region.
4. Inclusion f_i = min(1, lambda w_i) with lambda such that the sum of f is N (20 rounds of
   lambda <- lambda N / sum f, from lambda = N / sum w); then cumulative F_i = f_0 + ... + f_i,
   scaled by N / F_{M-1}, and candidate i is taken when floor(F_i) > floor(F_{i-1}) (float64).
   Should rounding leave fewer than N, the unpicked of the largest weight fill up, more than N lose
   their last.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from scipy.spatial import cKDTree
from torch import Tensor

from .field import Field

RELIABLE = 0.03
CROWDING_RADIUS = 0.035
CROWDING_COSINE = 0.3


@dataclass(frozen=True)
class ReadoutConfig:
    """The same names stand in ``config.json`` under "readout"."""

    candidates_per_point: float = 2.0
    candidate_spread: float = 0.6

    def candidates(self, points: int) -> int:
        """M, the rows of noise that the caller brings for N points."""
        return math.ceil(self.candidates_per_point * points)


def candidate_points(anchors: Tensor, noise: Tensor, spread: float) -> Tensor:
    """Step 1: anchors [L, 3], noise [M, 3] -> starts [M, 3]."""
    count = len(anchors)
    distances = (anchors[:, None] - anchors[None]).norm(dim=-1)
    distances.fill_diagonal_(torch.inf)
    neighbours = min(3, count - 1)
    reach = distances.topk(neighbours, dim=-1, largest=False).values.mean(-1)
    share = reach.double().square().cumsum(0)
    share = share / share[-1]
    wanted = (torch.arange(len(noise), dtype=torch.float64) + 0.5) / len(noise)
    owner = torch.searchsorted(share, wanted, right=True).clamp_max(count - 1)
    return anchors[owner] + spread * reach[owner, None] * noise


def thin(points: np.ndarray, normals: np.ndarray, residual: np.ndarray, count: int) -> np.ndarray:
    """Steps 3 and 4: candidates [M, 3], [M, 3], [M] -> indices [N] of an even subset, ascending."""
    reliable = np.exp(-np.square(residual.astype(np.float64) / RELIABLE)).clip(1e-12)
    radius = CROWDING_RADIUS * math.sqrt(8192 / len(points))
    pairs = cKDTree(points).query_pairs(radius, output_type="ndarray")
    first, second = pairs[:, 0], pairs[:, 1]
    same_side = (normals[first] * normals[second]).sum(-1) > CROWDING_COSINE
    first, second = first[same_side], second[same_side]
    crowd = reliable.copy()
    crowd += np.bincount(first, reliable[second], len(points))
    crowd += np.bincount(second, reliable[first], len(points))
    weights = reliable / (1 + crowd)
    factor = count / weights.sum()
    for _ in range(20):
        factor *= count / np.minimum(1, factor * weights).sum()
    share = np.cumsum(np.minimum(1, factor * weights))
    share = np.floor(share * (count / share[-1]))
    picked = np.diff(share, prepend=0.0) > 0
    missing = count - int(picked.sum())
    if missing > 0:
        rest = np.flatnonzero(~picked)
        picked[rest[np.argsort(-weights[rest], kind="stable")[:missing]]] = True
    return np.flatnonzero(picked)[:count]


@torch.no_grad()
def read_out(
    field: Field, latents: Tensor, noise: Tensor, count: int, config: ReadoutConfig
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """latents [L, 3 + F], noise [M, 3] -> points, normals, rgb, each [N, 3] float32."""
    tokens = field.tokens(latents[None])
    points = candidate_points(latents[:, :3], noise, config.candidate_spread)[None]
    for _ in range(2):
        distance, direction, rgb = field.query(tokens, points)
        points = points - distance[..., None] * direction
    xyz, normals = points[0].numpy(), direction[0].numpy()
    kept = thin(xyz, normals, distance[0].numpy(), count)
    return xyz[kept], normals[kept], rgb[0].numpy()[kept]
