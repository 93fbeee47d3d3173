generate ../run/kernels.toml --within . --out /dev/null/x
