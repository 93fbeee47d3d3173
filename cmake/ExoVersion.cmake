# The version of everything here: the project, the generator, the package.
set(EXO_VERSION 0.1.0)
