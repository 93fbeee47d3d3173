generate ../run/kernels.toml --kernel axpy --out /dev/null/here
