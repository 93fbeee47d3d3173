// Writing generated files: whole or not at all, and only where bytes differ.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace exo {

/// What happened to the files of one kernel.
struct Written {
  int changed = 0, same = 0, removed = 0;
};

/// Puts a whole file in its place by renaming a finished temporary one. Throws Rejected with code `file-unwritable`.
void put_file(const std::string& path, const std::string& bytes);

/// Writes the files into `directory` where their bytes differ, and removes none.
Written write_files(const std::string& directory, const std::map<std::string, std::string>& files);

/// Writes the files into `directory` (made if it is not there), each by renaming a finished temporary file; the manifest
/// `<kernel>.json` comes last. Files that an older manifest names and this one does not are removed.
/// Throws Rejected with code `file-unwritable`; the old files then stand as they were.
Written write_kernel(const std::string& directory, const std::string& kernel,
                     const std::map<std::string, std::string>& files);

}  // namespace exo
