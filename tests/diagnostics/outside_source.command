generate outside_source.recipe --within . --out /dev/null/x
