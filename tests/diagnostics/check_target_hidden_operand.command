check-target hidden_operand --target-path targets
