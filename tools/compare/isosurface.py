"""Times scikit-image's marching cubes on the fields of BenchmarkIsosurface, to be set against
`GOMAXPROCS=1 go test -run '^$' -bench Isosurface/ ./pipeline/mesh` on the same machine."""
import sys
import time

import numpy as np
from skimage.measure import marching_cubes


def fields(n):
    x, y, z = np.meshgrid(*[np.linspace(-1, 1, n, dtype=np.float32)] * 3, indexing="ij")
    s = np.float32(2 * np.pi)
    yield "torus", 0.25 - np.hypot(np.hypot(x, y) - 0.6, z)
    yield "gyroid", np.sin(s * x) * np.cos(s * y) + np.sin(s * y) * np.cos(s * z) + np.sin(s * z) * np.cos(s * x)


n = int(sys.argv[1]) if len(sys.argv) > 1 else 256
for name, field in fields(n):
    best = np.inf
    for _ in range(3):
        start = time.perf_counter()
        faces = marching_cubes(field, 0)[1]
        best = min(best, time.perf_counter() - start)
    print(f"{name}_{n}: {best * 1e3:.0f} ms, {len(faces)} triangles")
