#include "run/batch.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include <fmt/format.h>

#include "emit/effects.h"
#include "emit/signature.h"
#include "run/bits.h"
#include "support/text.h"
#include "target/c_type.h"

namespace exo::testing {
namespace {

namespace fs = std::filesystem;

/// Reads calls from a file and writes what became of their buffers to another one.
constexpr const char* kDriver = R"(
enum { MOST = 16, RANK = 4 };
typedef exo_status caller(const int64_t *c, void *const *b, int64_t (*s)[RANK]);
static caller *const callers[];

static int64_t take(FILE *in)
{
    int64_t value = 0;
    if (fread(&value, sizeof value, 1, in) != 1)
        exit(3);
    return value;
}

/* A buffer that ends (or begins) where memory does. */
static void *room(size_t bytes, int before)
{
#ifdef WITH_SANITIZER
    (void)before;
    return malloc(bytes ? bytes : 1);
#else
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = (bytes + page - 1) / page * page;
    char *const all = mmap(NULL, whole + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED)
        abort();
    mprotect(all, page, PROT_NONE);
    mprotect(all + page + whole, page, PROT_NONE);
    return before ? all + page : all + page + (whole - bytes);
#endif
}

static void release(void *at, size_t bytes)
{
#ifdef WITH_SANITIZER
    (void)bytes;
    free(at);
#else
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    munmap((char *)((uintptr_t)at / page * page) - page, (bytes + page - 1) / page * page + 2 * page);
#endif
}

int main(int argc, char **argv)
{
    FILE *const in = fopen(argv[argc - 2], "rb"), *const out = fopen(argv[argc - 1], "wb");
    int64_t head[3];
    while (in && out && fread(head, sizeof head, 1, in) == 1) {
        static int64_t c[MOST], s[MOST][RANK], bytes[MOST];
        static void *b[MOST];
        for (int64_t i = 0; i < head[2]; ++i) {
            b[i] = NULL;
            bytes[i] = take(in);
            if (bytes[i] < 0) {
                c[i] = take(in);
                continue;
            }
            for (int d = 0; d < RANK; ++d)
                s[i][d] = take(in);
            b[i] = room((size_t)bytes[i], (int)head[1]);
            if (fread(b[i], 1, (size_t)bytes[i], in) != (size_t)bytes[i])
                return 3;
        }
        const int64_t status = callers[head[0]](c, b, s);
        fwrite(&status, sizeof status, 1, out);
        for (int64_t i = 0; i < head[2]; ++i)
            if (b[i]) {
                fwrite(b[i], 1, (size_t)bytes[i], out);
                release(b[i], (size_t)bytes[i]);
            }
        fflush(out);
    }
    return 0;
}
)";

constexpr const char* kIncludes =
    "#define _DEFAULT_SOURCE\n#include <stdio.h>\n#include <stdlib.h>\n#include <sys/mman.h>\n#include <unistd.h>\n\n"
    "#include \"exo/kernel.h\"\n";

/// The names that a file keeps to itself get an ending, so that many files can be one.
std::string with_own_names(const std::string& text, const std::string& ending) {
  static const std::regex definition("(?:^|\n)static [^;={(]*?([A-Za-z_][A-Za-z_0-9]*)\\("),
      word("[A-Za-z_][A-Za-z_0-9]*");
  std::set<std::string> own = {"exo_variant_function", "exo_these_variants", "exo_this_kernel"};
  for (std::sregex_iterator it(text.begin(), text.end(), definition), end; it != end; ++it) own.insert((*it)[1]);
  std::string out;
  auto from = text.cbegin();
  for (std::sregex_iterator it(text.begin(), text.end(), word), end; it != end; ++it) {
    out.append(from, it->prefix().second);
    out += it->str();
    if (own.count(it->str())) out += ending;
    from = it->suffix().first;
  }
  out.append(from, text.cend());
  return out;
}

std::vector<CParam> c_params_of(const Trial& trial) {
  const Proc& proc = *trial.kernel.algorithm;
  return c_params(proc, effects_of(proc.body).writes);
}

/// A function of one type for all kernels.
std::string caller(const Trial& trial, size_t number) {
  std::vector<std::string> args;
  const auto params = c_params_of(trial);
  for (size_t i = 0; i < params.size(); ++i) {
    const CParam& p = params[i];
    const std::string type = std::string(p.written ? "" : "const ") + c_type(p.type.scalar);
    if (p.form == CParam::Control)
      args.push_back(fmt::format("c[{}]{}", i, p.type.scalar == Scalar::Bool ? " != 0" : ""));
    if (p.form == CParam::Value) args.push_back(fmt::format("*({} *)b[{}]", type, i));
    if (p.form == CParam::Scalar || p.form == CParam::Dense) args.push_back(fmt::format("({} *)b[{}]", type, i));
    if (p.form != CParam::Window) continue;
    std::vector<std::string> strides;
    for (size_t d = 0; d < p.type.shape.size(); ++d) strides.push_back(fmt::format("s[{}][{}]", i, d));
    args.push_back(fmt::format("({}){{({} *)b[{}], {{{}}}}}",
                               window_type(p.type.scalar, p.type.shape.size(), p.written), type, i,
                               join(strides, ", ")));
  }
  const std::string& kernel = trial.kernel.name;
  const std::string function =
      trial.entry ? kernel : fmt::format("{}__{}", kernel, trial.kernel.variants[trial.variant].name);
  return fmt::format(
      "static exo_status call_{0}(const int64_t *c, void *const *b, int64_t (*s)[RANK])\n{{\n    (void)c, (void)b, "
      "(void)s;\n"
      "    return {1}({2});\n}}\n",
      number, function, join(args, ", "));
}

std::string source(const std::vector<Trial>& trials, const std::string& directory) {
  std::string out = kIncludes, callers, table;
  for (size_t k = 0; k < trials.size(); ++k) {
    const Trial& trial = trials[k];
    for (const auto& [name, text] : emit(trial.kernel)) {
      const bool dispatcher = name == trial.kernel.name + ".dispatch.c";
      const std::string ending = fmt::format("_{}{}", k, dispatcher ? "d" : "v" + std::to_string(name.size()));
      if (fs::path(name).extension() == ".h") std::ofstream(fs::path(directory) / name) << text;
      if (fs::path(name).extension() != ".c" || (dispatcher && !trial.entry)) continue;
      out += with_own_names(text, ending);
    }
    callers += caller(trial, k);
    table += fmt::format("    call_{},\n", k);
  }
  std::string driver = kDriver;
  const std::string declared = "static caller *const callers[];\n";
  driver.replace(driver.find(declared), declared.size(),
                 callers + "static caller *const callers[] = {\n" + table + "};\n");
  return out + driver;
}

void put(std::ostream& out, int64_t value) { out.write(reinterpret_cast<const char*>(&value), sizeof value); }

std::vector<int64_t> strides_of(const Tensor& t) {
  std::vector<int64_t> out = t.strides;
  out.resize(4);
  return out;
}

constexpr uint64_t kGap = 0xa5a5a5a5a5a5a5a5;  // between the elements of a window

void put_cells(std::ostream& out, const Tensor& t) {
  for (const Cell& cell : t.cells) {
    const uint64_t bits = cell.defined ? bits_of(t.type, cell) : kGap;
    out.write(reinterpret_cast<const char*>(&bits), size_in_bytes(t.type));
  }
}

void put_call(std::ostream& out, size_t trial, int side, const Proc& proc, const Arguments& args) {
  put(out, static_cast<int64_t>(trial)), put(out, side), put(out, static_cast<int64_t>(proc.params.size()));
  for (const Param& p : proc.params) {
    const Argument& a = args.at(p.name);
    const Tensor* t = std::get_if<Tensor>(&a);
    put(out, t ? static_cast<int64_t>(t->cells.size()) * size_in_bytes(t->type) : -1);
    if (!t) {
      put(out, std::get<int64_t>(a));
      continue;
    }
    for (const int64_t stride : strides_of(*t)) put(out, stride);
    put_cells(out, *t);
  }
}

/// What differs in the first such element; `in` stands behind the status.
std::string difference(std::istream& in, const Trial& trial, const Arguments& expected) {
  std::string found;
  for (const Param& p : trial.kernel.algorithm->params) {
    const Tensor* t = std::get_if<Tensor>(&expected.at(p.name));
    if (!t) continue;
    const int64_t units = p.name.name() != trial.inexact ? 0 : size_in_bytes(t->type) == 2 ? 1 : 6;
    for (size_t k = 0; k < t->cells.size(); ++k) {
      uint64_t got = 0, wanted = t->cells[k].defined ? bits_of(t->type, t->cells[k]) : kGap;
      const int bytes = size_in_bytes(t->type);
      in.read(reinterpret_cast<char*>(&got), bytes);
      if (!t->cells[k].defined) wanted &= ~uint64_t{0} >> (64 - 8 * bytes);
      const bool rounds = !trial.exact && is_float(t->type) && !(std::fabs(t->cells[k].real) < 4000000);
      const bool zeros = !trial.exact && is_float(t->type) && t->cells[k].real == 0 && got << (65 - 8 * bytes) == 0;
      if (!found.empty() || rounds || zeros || same_bits(t->type, got, wanted, units)) continue;
      found = fmt::format("`{}` differs at {}: 0x{:x} in C, 0x{:x} in the interpreter", p.name.name(), k, got, wanted);
    }
  }
  return found;
}

std::string inputs_text(const Trial& trial, const Arguments& args) {
  std::vector<std::string> out;
  for (const Param& p : trial.kernel.algorithm->params)
    if (const int64_t* n = std::get_if<int64_t>(&args.at(p.name)))
      out.push_back(fmt::format("{} = {}", p.name.name(), *n));
  return join(out, ", ");
}

/// Reads what the program wrote, and compares.
std::string compared(const std::vector<Trial>& trials, const fs::path& results) {
  std::ifstream in(results, std::ios::binary);
  std::string out;
  for (const Trial& trial : trials) {
    bool told = false;
    for (size_t k = 0; k < trial.inputs.size(); ++k)
      for (int side = 0; side < 2; ++side) {
        int64_t status = 0;
        if (!in.read(reinterpret_cast<char*>(&status), sizeof status))
          return out + fmt::format("{}\nthe program stops in `{}` at {}, side {}\n", trial.text, trial.kernel.name,
                                   inputs_text(trial, trial.inputs[k]), side);
        std::string what = difference(in, trial, trial.expected[k]);
        if (status != 0) what = fmt::format("it ends with the status {}", status);
        if (what.empty() || told) continue;
        told = true;
        out += fmt::format("{}\n`{}` at {}: {}\n\n", trial.text, trial.kernel.name, inputs_text(trial, trial.inputs[k]),
                           what);
      }
  }
  return out;
}

}  // namespace

std::string run_batch(const std::vector<Trial>& trials, const Compiler& compiler, const std::string& directory) {
  const fs::path at(directory);
  fs::remove_all(at);
  fs::create_directories(at);
  std::ofstream(at / "batch.c") << source(trials, directory);
  {
    std::ofstream calls(at / "calls", std::ios::binary);
    for (size_t t = 0; t < trials.size(); ++t)
      for (const Arguments& args : trials[t].inputs)
        for (int side = 0; side < 2; ++side) put_call(calls, t, side, *trials[t].kernel.algorithm, args);
  }
  int status = 0;
  std::string said = spoken(fmt::format("cd '{}' && {} {} -I '{}/include' -I . batch.c '{}' -lm -lpthread -o run",
                                        directory, compiler.name, compiler.flags, EXO_RUNTIME_DIR, EXO_RUNTIME_LIBRARY),
                            status);
  if (status != 0) return said;
  said = spoken(fmt::format("cd '{}' && ./run calls results", directory), status);
  const std::string found = compared(trials, at / "results");
  if (status == 0 && found.empty()) return fs::remove_all(at), std::string();
  return said + found;
}

}  // namespace exo::testing
