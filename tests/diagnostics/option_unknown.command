check --kernl axpy ../run/kernels.toml
