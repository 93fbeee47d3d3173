ops splt
