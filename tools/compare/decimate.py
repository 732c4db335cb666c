"""Times fast_simplification (fast quadric mesh simplification) on the ball of BenchmarkDecimate, 1 009 436 triangles to a
tenth, and says how far its vertices lie off the ball, to be set against
`go test -run '^$' -bench Decimate/sphere ./pipeline/mesh` on the same machine."""
import time

import numpy as np
import fast_simplification
from skimage.measure import marching_cubes

n = 410
x, y, z = np.meshgrid(*[np.linspace(-1, 1, n, dtype=np.float32)] * 3, indexing="ij")
v, f = marching_cubes(0.8 - np.sqrt(x * x + y * y + z * z), 0)[:2]
v = v * (2 / (n - 1)) - 1
start = time.perf_counter()
points, faces = fast_simplification.simplify(v.astype(np.float32), f.astype(np.int32), 0.9)
took = time.perf_counter() - start
off = np.abs(np.linalg.norm(points, axis=1) - 0.8)
print(f"{len(f)} to {len(faces)} triangles in {took:.2f} s; off the ball by {off.max():.2g} at most, {np.sqrt((off ** 2).mean()):.2g} rms")
