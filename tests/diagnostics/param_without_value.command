check --param MC ../run/kernels.toml
