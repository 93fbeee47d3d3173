generate outside_import.recipe --within . --out /dev/null/x
