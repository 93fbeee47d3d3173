generate ../run/kernels.toml ../run/kernels.toml --kernel axpy --out /dev/null/twice
