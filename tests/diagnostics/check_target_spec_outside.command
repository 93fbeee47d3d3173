check-target spec_outside --target-path targets
