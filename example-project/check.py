#!/usr/bin/env python3
"""check.py A.npy B.npy C.npy: is C = A B, as NumPy computes it in double precision?"""
import sys

import numpy


def main():
    a, b, c = (numpy.load(path) for path in sys.argv[1:4])
    exact = a.astype("f8") @ b.astype("f8")
    magnitude = numpy.abs(a).astype("f8") @ numpy.abs(b).astype("f8")
    bound = (a.shape[1] + 1) * numpy.finfo("f4").eps * magnitude
    if c.shape != exact.shape or c.dtype != numpy.float32:
        sys.exit(f"NumPy: the result is {c.dtype}{c.shape}, and should be float32{exact.shape}")
    wrong = numpy.argwhere(~(numpy.abs(c - exact) <= bound))
    if len(wrong):
        i, j = wrong[0]
        sys.exit(f"NumPy: C[{i},{j}] is {c[i, j]}, and should be {exact[i, j]}; {len(wrong)} elements are wrong")
    print(f"NumPy {numpy.__version__}: agrees")


if __name__ == "__main__":
    main()
