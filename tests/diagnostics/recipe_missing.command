check nowhere.toml
