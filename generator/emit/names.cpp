#include "emit/names.h"

#include <cctype>

#include <fmt/format.h>

#include "support/diagnostic.h"
#include "support/text.h"

namespace exo {
namespace {

const std::set<std::string>& reserved() {
  static const std::set<std::string> words = [] {
    std::set<std::string> out;
    for (const char* list : {
             // C and C++
             "auto break case char const continue default do double else enum extern float for goto if inline int long "
             "register restrict return short signed sizeof static struct switch typedef union unsigned void volatile "
             "while "
             "alignas alignof asm bool catch class const_cast constexpr consteval constinit char8_t char16_t char32_t "
             "co_await "
             "co_return co_yield concept decltype delete dynamic_cast explicit export false friend mutable namespace "
             "new "
             "noexcept nullptr operator private protected public reinterpret_cast requires static_assert static_cast "
             "template this thread_local throw true try typeid typename typeof typeof_unqual using virtual wchar_t and "
             "and_eq "
             "bitand bitor compl not not_eq or or_eq xor xor_eq",
             // macros and types of the headers that generated code includes
             "NULL EOF BUFSIZ FILENAME_MAX FOPEN_MAX SEEK_CUR SEEK_END SEEK_SET TMP_MAX stdin stdout stderr errno "
             "assert "
             "offsetof size_t ptrdiff_t max_align_t intptr_t uintptr_t intmax_t uintmax_t va_list FILE fpos_t "
             "INFINITY NAN HUGE_VAL HUGE_VALF HUGE_VALL FP_NAN FP_INFINITE FP_ZERO FP_SUBNORMAL FP_NORMAL MATH_ERRNO "
             "MATH_ERREXCEPT math_errhandling fpclassify isfinite isinf isnan isnormal signbit isgreater "
             "isgreaterequal "
             "isless islessequal islessgreater isunordered float_t double_t FP_FAST_FMA FP_FAST_FMAF FP_FAST_FMAL "
             "FP_ILOGB0 FP_ILOGBNAN SIZE_MAX PTRDIFF_MAX PTRDIFF_MIN SIG_ATOMIC_MAX SIG_ATOMIC_MIN WCHAR_MAX WCHAR_MIN "
             "WINT_MAX WINT_MIN L_tmpnam unix linux i386 main",
             // functions that generated code calls
             "sqrtf sqrt expf exp logf log sinf sin cosf cos tanhf tanh erff erf fabsf fabs rintf rint "
             "omp_get_thread_num "
             "omp_get_max_threads",
         })
      for (const std::string& word : split_text(list, ' ')) out.insert(word);
    return out;
  }();
  return words;
}

/// INT8_MAX, uint_fast16_t, UINT64_C ...
bool is_stdint_name(const std::string& word) {
  const bool upper = word.rfind("INT", 0) == 0 || word.rfind("UINT", 0) == 0;
  const bool lower = word.rfind("int", 0) == 0 || word.rfind("uint", 0) == 0;
  const size_t underscore = word.rfind('_');
  if (underscore == std::string::npos) return false;
  const std::string tail = word.substr(underscore);
  return (upper && (tail == "_MAX" || tail == "_MIN" || tail == "_C")) || (lower && tail == "_t");
}

}  // namespace

bool is_reserved_in_c(const std::string& word) {
  return word.empty() || word[0] == '_' || word.rfind("exo_", 0) == 0 || word.rfind("EXO_", 0) == 0 ||
         is_stdint_name(word) || reserved().count(word) > 0;
}

std::string c_identifier(const std::string& name) {
  std::string out;
  for (const char c : name)
    out += std::isalnum(static_cast<unsigned char>(c)) && static_cast<unsigned char>(c) < 128 ? c : '_';
  if (out.empty() || std::isdigit(static_cast<unsigned char>(out[0]))) out.insert(0, "v");
  return out;
}

std::set<std::string> identifiers_in(const std::string& c) {
  std::set<std::string> out;
  std::string word;
  for (size_t i = 0; i <= c.size(); ++i) {
    if (i < c.size() && (std::isalnum(static_cast<unsigned char>(c[i])) || c[i] == '_')) {
      word += c[i];
    } else {
      if (is_identifier(word)) out.insert(word);
      word.clear();
    }
  }
  return out;
}

std::string c_comment(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char before = out.empty() ? ' ' : out.back();
    const bool breaks = (before == '*' && c == '/') || (before == '/' && c == '*') || (before == '?' && c == '?');
    if (breaks || (before == '\\' && c == '\n')) out += ' ';
    out += c == '\n' || static_cast<unsigned char>(c) >= 32 ? c : ' ';
  }
  return out;
}

std::string c_string(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '?')
      out += c == '?' && (out.empty() || out.back() != '?') ? std::string(1, c) : fmt::format("\\{}", c);
    else if (static_cast<unsigned char>(c) < 32)
      out += fmt::format("\\{:03o}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out + "\"";
}

std::string c_format(const std::string& text) {
  std::string doubled;
  for (const char c : text) doubled += c == '%' ? "%%" : std::string(1, c);
  return c_string(doubled);
}

void CNames::pop() { scopes_.pop_back(); }

bool CNames::in_sight(const std::string& name) const {
  for (const auto& scope : scopes_)
    if (scope.count(name)) return true;
  return taken_.count(name) > 0 || is_reserved_in_c(name);
}

std::string CNames::fresh(const std::string& wish) {
  std::string base = c_identifier(wish);
  if (is_reserved_in_c(base) && base[0] == '_') base.insert(0, "v");
  std::string name = base;
  if (is_reserved_in_c(name) || taken_.count(name)) name = base += '_';
  if (is_reserved_in_c(name)) name = base = "v_" + base;
  for (int n = 1; in_sight(name); ++n) name = fmt::format("{}_{}", base, n);
  scopes_.back().insert(name);
  return name;
}

std::string CNames::declare(Sym sym) { return names_[sym] = fresh(sym.name()); }

const std::string& CNames::operator[](Sym sym) const {
  const auto it = names_.find(sym);
  if (it == names_.end()) BUG(fmt::format("`{}` is used where it is not declared", sym.name()));
  return it->second;
}

}  // namespace exo
