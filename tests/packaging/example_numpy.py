#!/usr/bin/env python3
"""The example's program beside NumPy, which writes its inputs and computes what it should.

example_numpy.py sizes PROGRAM TARGET    random matrices of many sizes, with one variant
example_numpy.py refused PROGRAM         arrays that are no float32 matrix in C order
"""
import pathlib
import subprocess
import sys
import tempfile

import numpy

# Nothing, one element, around the tiles of the recipe, past its blocks, and thin ones.
SIZES = [(0, 0, 0), (0, 5, 3), (4, 0, 3), (4, 5, 0), (1, 1, 1), (2, 3, 4), (5, 15, 7), (6, 16, 8), (7, 17, 9),
         (13, 63, 31), (12, 64, 32), (11, 65, 33), (221, 221, 221), (265, 130, 70), (30, 70, 1030), (7, 4100, 3),
         (1, 300, 200), (300, 1, 200)]


def multiply(program, folder, a, b, *options):
    numpy.save(folder / "a.npy", a)
    numpy.save(folder / "b.npy", b)
    (folder / "c.npy").unlink(missing_ok=True)
    words = [program, folder / "a.npy", folder / "b.npy", folder / "c.npy", *options]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def sizes(program, folder, target):
    random = numpy.random.default_rng(1)
    for n, m, k in SIZES:
        a = random.standard_normal((n, k), dtype="f4")
        b = random.standard_normal((k, m), dtype="f4")
        result = multiply(program, folder, a, b, "--target", target)
        if result.returncode or "may run here" in result.stderr:
            sys.exit(result.stderr)
        assert f"{n} x {m} x {k} with {target}: " in result.stdout, result.stdout
        c = numpy.load(folder / "c.npy")
        assert c.dtype == numpy.float32 and c.shape == (n, m) and c.flags.c_contiguous, (c.dtype, c.shape)
        error = numpy.abs(c - a.astype("f8") @ b.astype("f8"))
        bound = (k + 1) * numpy.finfo("f4").eps * (numpy.abs(a).astype("f8") @ numpy.abs(b).astype("f8"))
        assert (error <= bound).all(), f"{n} x {m} x {k}: off by {error.max()}"
    print(f"NumPy agrees on {len(SIZES)} sizes")


def refused(program, folder):
    good = numpy.ones((3, 3), dtype="f4")
    cases = [
        (numpy.ones((3, 3)), "elements are `<f8`"),
        (numpy.ones((3, 3), dtype=">f4"), "elements are `>f4`"),
        (numpy.ones((3, 3), dtype="i4"), "elements are `<i4`"),
        (numpy.ones((3, 3), dtype="c8"), "elements are `<c8`"),
        (numpy.zeros((3, 3), dtype=[("x", "f4")]), "elements are records"),
        (numpy.asfortranarray(numpy.ones((3, 2), dtype="f4")), "Fortran order"),
        (numpy.ones(3, dtype="f4"), "a matrix has two dimensions"),
        (numpy.float32(1), "a matrix has two dimensions"),
        (numpy.ones((3, 3, 3), dtype="f4"), "a matrix has two dimensions"),
    ]
    for wrong, words in cases:
        for a, b, name in ((wrong, good, "a.npy"), (good, wrong, "b.npy")):
            result = multiply(program, folder, a, b)
            assert result.returncode == 1, (wrong.dtype, wrong.shape, result)
            assert f"{name}: " in result.stderr and words in result.stderr, result.stderr
            assert not (folder / "c.npy").exists()
    print(f"all {2 * len(cases)} are refused")


def main():
    with tempfile.TemporaryDirectory() as folder:
        if sys.argv[1] == "sizes":
            sizes(sys.argv[2], pathlib.Path(folder), sys.argv[3])
        else:
            refused(sys.argv[2], pathlib.Path(folder))


if __name__ == "__main__":
    main()
