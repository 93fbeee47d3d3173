generat x.toml
