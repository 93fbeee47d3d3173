check-target no_such_c --target-path targets
