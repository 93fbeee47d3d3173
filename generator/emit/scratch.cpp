#include "emit/scratch.h"

#include <fmt/format.h>

#include "emit/names.h"
#include "ir/build.h"
#include "ir/walk.h"
#include "support/text.h"
#include "target/c_type.h"

namespace exo {
namespace {

constexpr int64_t kSmall = 1 << 14;  // a size times less than this stays far below 2^63

struct Mentions {
  const std::set<Sym>& mentioned;
  std::vector<ScratchPiece> pieces;

  void block(const Block& body, const Ranges& ranges, bool parallel) {
    for (const StmtRef& s : body)
      std::visit(match{
                     [](const Assign&) {},
                     [](const Reduce&) {},
                     [&](const For& n) {
                       Ranges inner = ranges;
                       inner.loops[n.iter] = {n.lo, n.hi};
                       if (is_nonnegative(n.lo, ranges.nonnegative)) inner.nonnegative.insert(n.iter);
                       block(n.body, inner, parallel || n.order == Order::Parallel);
                     },
                     [&](const If& n) { block(n.body, ranges, parallel), block(n.orelse, ranges, parallel); },
                     [&](const Alloc& n) {
                       if (is_heap(n.memory) && !n.type.shape.empty() && mentioned.count(n.buffer))
                         add(n, s->span, ranges, parallel);
                     },
                     [](const Alias&) {},
                     [](const Call&) {},
                     [](const Configure&) {},
                 },
                 s->node);
  }

  void add(const Alloc& n, Span span, const Ranges& ranges, bool parallel) {
    ScratchPiece piece{n.buffer, n.type, {}, parallel};
    for (const ExprRef& extent : n.type.shape) {
      const auto bound = upper_bound(extent, ranges);
      if (!bound)
        reject(Diagnostic{
            "emit-scratch-size",
            fmt::format("the size of `{}` has no bound that depends on the parameters alone", n.buffer.name()),
            {},
            {},
            {}}.at(span)
                   .help("its memory is taken before the first store: an extent like `min(64, N - 64*i)` has a bound"));
      piece.extents.push_back(*bound);
    }
    pieces.push_back(std::move(piece));
  }
};

/// The name of the function that computes bytes of a piece, rounded up to whole cache lines.
std::string bytes_function(CHelpers& helpers) {
  return helpers.use(
      "exo_scratch_bytes",
      "/* Bytes of a buffer in whole lines of 64; false: they do not fit. */\n"
      "static inline bool exo_scratch_bytes(size_t element, int rank, const int64_t *extents, int64_t *bytes)\n{\n"
      "    if (!exo_dense_bytes(element, rank, extents, bytes) || *bytes > EXO_MAX_SIZE)\n        return false;\n"
      "    *bytes = (*bytes + 63) / 64 * 64;\n    return true;\n}\n");
}

std::string sum_text(const std::vector<std::string>& parts) { return parts.empty() ? "0" : join(parts, " + "); }

/// The extents as an array of C, each at least zero.
std::string extent_array(const Exprs& extents, const std::set<Sym>& nonnegative, CExpr& expr) {
  std::vector<std::string> list;
  for (const ExprRef& e : extents)
    list.push_back(expr.control(is_nonnegative(e, nonnegative) ? e : max_of(e, num(0))).text);
  return fmt::format("(const int64_t[]){{{}}}", join(list, ", "));
}

}  // namespace

bool is_heap(const std::string& memory) { return memory.empty() || memory == "heap"; }

std::vector<ScratchPiece> scratch_pieces(const Block& body, const Ranges& outside, const std::set<Sym>& mentioned) {
  Mentions collector{mentioned, {}};
  collector.block(body, outside, false);
  return std::move(collector.pieces);
}

void flatten_product(const ExprRef& e, Exprs& factors) {
  if (const Binary* b = as<Binary>(e); b && b->op == BinaryOp::Mul)
    flatten_product(b->a, factors), flatten_product(b->b, factors);
  else
    factors.push_back(e);
}

void check_products(const ExprRef& e, const std::string& kernel, const std::set<Sym>& nonnegative, CExpr& expr,
                    CWriter& out) {
  each_child(e, [&](const ExprRef& child) { check_products(child, kernel, nonnegative, expr, out); });
  const Binary* b = as<Binary>(e);
  if (!b || b->op != BinaryOp::Mul) return;
  for (const ExprRef& side : {b->a, b->b})
    if (const int64_t* value = literal(side); value && *value > -kSmall && *value < kSmall) return;
  const auto magnitude = [&](const ExprRef& x) {
    const CTerm value = expr.control(x);
    return is_nonnegative(x, nonnegative) ? value.text
                                          : fmt::format("exo_max({}, -{})", value.text, value.in(Prec::Primary));
  };
  out.block("", [&] {
    out.line("int64_t exo_product;");  // eight bytes each, so that sums of some of them fit as well
    out.line(fmt::format("if (!exo_dense_bytes(8, 2, (const int64_t[]){{{}, {}}}, &exo_product))", magnitude(b->a),
                         magnitude(b->b)));
    out.line(fmt::format("    return exo_fail(EXO_OVERFLOW, {});",
                         c_string(fmt::format("{}: a product of sizes does not fit", kernel))));
  });
}

void Scratch::acquire(const std::vector<ScratchPiece>& pieces, const std::string& kernel, CScope& scope, CExpr& expr,
                      CHelpers& helpers, CWriter& out) {
  if (pieces.empty()) return;
  block_ = scope.names.fresh("scratch");
  std::string threads;
  std::vector<std::string> before;  // what stands in front of the next piece
  for (const ScratchPiece& piece : pieces) {
    const std::string what = c_identifier(piece.buffer.name());
    const std::string bytes = scope.names.fresh(what + "_bytes");
    Exprs extents;
    for (const ExprRef& extent : piece.extents) {
      flatten_product(extent, extents);
      Exprs factors;
      flatten_product(extent, factors);
      for (const ExprRef& factor : factors) check_products(factor, kernel, scope.ranges.nonnegative, expr, out);
    }
    const std::string array = extent_array(extents, scope.ranges.nonnegative, expr);
    const std::string fail =
        fmt::format("    return exo_fail(EXO_OVERFLOW, {});",
                    c_format(fmt::format("{}: the scratch memory of {} does not fit", kernel, what)));
    out.line(fmt::format("int64_t {};", bytes));
    out.line(fmt::format("if (!{}(sizeof({}), {}, {}, &{}))", bytes_function(helpers), c_type(piece.type.scalar),
                         extents.size(), array, bytes));
    out.line(fail);
    if (piece.per_thread) {
      if (threads.empty()) {
        threads = scope.names.fresh("threads");
        out.line(fmt::format("const int64_t {} = exo_thread_count();", threads));
      }
      const std::string all = scope.names.fresh(what + "_all");
      out.line(fmt::format("int64_t {};   /* {} bytes for each thread */", all, what));
      out.line(fmt::format("if (!{}(1, 2, (const int64_t[]){{{}, {}}}, &{}))", bytes_function(helpers), bytes, threads,
                           all));
      out.line(fail);
      addresses_[piece.buffer] = fmt::format("{} + {} + exo_thread_index() * {}", block_, sum_text(before), bytes);
      before.push_back(all);
    } else {
      addresses_[piece.buffer] = fmt::format("{} + {}", block_, sum_text(before));
      before.push_back(bytes);
    }
    if (before.size() == 1)
      addresses_[piece.buffer] = block_ + (piece.per_thread ? " + exo_thread_index() * " + bytes : "");
  }
  const std::string total = sum_text(before);
  out.line(fmt::format("char *const {} = exo_scratch_acquire((size_t)exo_max({}, 64));", block_, total));
  out.line(fmt::format("if (!{})", block_));
  out.line(fmt::format("    return exo_fail(EXO_OUT_OF_MEMORY, {}, (long long)({}));",
                       c_string(kernel + ": no memory for %lld bytes of scratch"), total));
  out.line("");
}

void Scratch::release(CWriter& out) const {
  if (!block_.empty()) out.line(fmt::format("exo_scratch_release({});", block_));
}

}  // namespace exo
