#!/usr/bin/env bash
# bootstrap.sh demo | test
#
# From a bare Debian or Ubuntu to a result. Installs the packages that are missing, and only those, then
#   demo  configures and builds the example project in build/demo, and multiplies the matrices that it ships;
#   test  configures, builds and tests this project with the preset `dev`.
# Without root and sudo it works if nothing is missing.
set -euo pipefail

usage() {
  echo "usage: cmake/bootstrap.sh demo | test" >&2
  exit 2
}

# What the generator needs, then what the tests and the benchmarks need on top.
readonly BUILD=(cmake ninja-build g++ libtomlplusplus-dev libz3-dev libfmt-dev libcli11-dev nlohmann-json3-dev)
readonly TESTS=(catch2 clang make pkgconf qemu-user python3-numpy gcc-aarch64-linux-gnu libc6-dev-arm64-cross
  clang-16 gcc-riscv64-linux-gnu libc6-dev-riscv64-cross)
readonly BENCHMARKS=(libbenchmark-dev libopenblas-serial-dev libeigen3-dev)
readonly LAUNCHERS=(ccache distcc) # of compilers: packaging.launchers

# Those of the given packages that are not installed.
missing() {
  local package
  for package in "$@"; do
    dpkg-query --show --showformat='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || echo "$package"
  done
}

install_missing() {
  if ! command -v dpkg-query >/dev/null; then
    echo "bootstrap: this is no Debian; going on with what is installed (needed: $*)" >&2
    return 0
  fi
  local packages=()
  mapfile -t packages < <(missing "$@")
  if ((${#packages[@]} == 0)); then
    return 0
  fi
  local as_root=()
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      echo "bootstrap: as root, run: apt-get install ${packages[*]}" >&2
      exit 1
    fi
    as_root=(sudo)
  fi
  echo "bootstrap: installing ${packages[*]}"
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${packages[@]}"
}

demo() {
  local build=build/demo data=example-project/data
  cmake -S example-project -B "$build" -G Ninja
  cmake --build "$build"
  echo
  "$build/matmul" --list
  "$build/matmul" "$data/a.npy" "$data/b.npy" "$build/c.npy" --repeat 20 --check
  local python
  for python in python3 /usr/bin/python3; do
    if "$python" -c 'import numpy' 2>/dev/null; then
      "$python" example-project/check.py "$data/a.npy" "$data/b.npy" "$build/c.npy"
      break
    fi
  done
  echo "the product is in $build/c.npy"
}

run_tests() {
  cmake --preset dev
  cmake --build --preset dev
  ctest --preset dev --parallel "$(nproc)"
}

(($# == 1)) || usage
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case $1 in
  demo)
    install_missing "${BUILD[@]}"
    demo
    ;;
  test)
    install_missing "${BUILD[@]}" "${TESTS[@]}" "${LAUNCHERS[@]}" "${BENCHMARKS[@]}"
    run_tests
    ;;
  *) usage ;;
esac
