# Packages that the generator needs and that are not there are named, for every package manager; nothing is downloaded.
run(FAILS COMMAND "${CMAKE_COMMAND}" -S "${EXO_ROOT}/generator" -B "${build}" -DCMAKE_DISABLE_FIND_PACKAGE_fmt=ON -DCMAKE_DISABLE_FIND_PACKAGE_tomlplusplus=ON
  EXPECT "needs toml[+][+],[^\n]* fmt[^\n]*downloads nothing" "apt-get install libtomlplusplus-dev [^\n]*libfmt-dev"
  "dnf install tomlplusplus-devel [^\n]*fmt-devel" "brew install tomlplusplus [^\n]*fmt" "vcpkg install tomlplusplus [^\n]*fmt")
