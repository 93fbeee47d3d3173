// resize_dim: one dimension of a buffer gets another extent.
//
//     { resize_dim = "t", dim = 0, extent = "3", fold = true }
//
//     t : f32[8]
//     for i in seq(0, 8):
//         t[i] = x[i]
//         y[i] = t[i]
//   =>
//     t : f32[3]
//     for i in seq(0, 8):
//         t[i % 3] = x[i]
//         y[i] = t[i % 3]
//
// Element `offset` of the dimension is the first of the new one. Every access must be inside of it. With `fold` the buffer is
// circular instead: elements `extent` apart share a place, and none may be written between the write of another one in its place and
// a read that wants to find that.
#include <fmt/format.h>

#include "analysis/timeline.h"
#include "ir/build.h"
#include "ir/print.h"
#include "schedule/access_edit.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref buffer;
  int64_t dim = 0;
  Text extent;
  std::optional<Text> offset;
  bool fold = false;
};

void prove_inside(Rewrite& rw, const Path& path, Sym buffer, size_t dim, const ExprRef& extent, const ExprRef& offset) {
  rw.prove(le(num(0), extent),
           {"resize-dim-negative", fmt::format("the extent `{}` can be negative", print(extent)), path, "this buffer"});
  for (const Access& a : accesses(rw.names(), scope_of(rw.before(), path))) {
    if (a.buffer != buffer) continue;
    Facts facts = rw.facts(path);
    facts.add_all(a.when);
    const ExprRef at = a.index[dim] - offset;
    rw.prove(facts, all_of({le(num(0), at), lt(at, extent)}),
             {"resize-dim-outside",
              fmt::format("`{}` can lie outside of `{}` to `{}`", print(a.index[dim]), print(offset),
                          print(offset + extent)),
              path,
              fmt::format("`{}` is touched there", print(read(buffer, a.index))),
              {"give it more room, another `offset`, or `fold = true`"}});
  }
}

void prove_fold(Rewrite& rw, const Path& path, Sym buffer, size_t dim, int64_t extent, const ExprRef& offset) {
  const Timeline timeline(rw.names(), scope_of(rw.before(), path));
  if (timeline.in_parallel(buffer))
    rw.refuse(
        {"resize-dim-parallel",
         fmt::format("iterations of a parallel loop come in no order, and would share places of `{}`", buffer.name()),
         path, "this buffer"});
  std::vector<Timeline::Tenant> tenants;
  for (size_t i = 0; i < timeline.all().size(); ++i) {
    const Access& a = timeline.all()[i];
    if (a.buffer != buffer) continue;
    Exprs place = a.index;
    place[dim] = (place[dim] - offset) % extent;
    tenants.push_back({i, std::move(place), 0});
  }
  rw.prove_none(
      timeline.overwritten(rw.facts(path), tenants),
      {"resize-dim-fold",
       fmt::format("with room for {} an element of `{}` is overwritten before it is read", extent, buffer.name()),
       path,
       "this buffer",
       {"give it more room"}});
}

void run(Schedule& s, const Args& args) {
  const Sym buffer = one_buffer(s.now(), args.buffer);
  const Path at = binder(s.now(), buffer).value_or(Path{});
  const ExprRef extent = s.expression(args.extent, at), offset = args.offset ? s.expression(*args.offset, at) : num(0);
  s.apply([&](Rewrite& rw) {
    allocation(rw, buffer);
    check_dimension(rw, args.buffer, buffer, args.dim);
    const auto dim = static_cast<size_t>(args.dim);
    if (!args.fold) return resize_dim(rw, buffer, dim, extent, offset);
    if (!literal(extent) || *literal(extent) < 1 || *literal(extent) > INT32_MAX)
      rw.refuse({"resize-dim-extent",
                 fmt::format("`{}` is no positive number: a circular buffer has a constant extent", print(extent)), at,
                 "this buffer"});
    fold_dim(rw, buffer, dim, *literal(extent), offset);
  });
}

}  // namespace

void resize_dim(Rewrite& rw, Sym buffer, size_t dim, const ExprRef& extent, const ExprRef& offset) {
  const Path path = allocation(rw, buffer);
  prove_inside(rw, path, buffer, dim, extent, offset);
  reshape(rw, buffer,
          {[&](Alloc& a) { a.type.shape[dim] = extent; },
           [&](Exprs index) {
             index[dim] = index[dim] - offset;
             return index;
           },
           [&](const Facts&, std::vector<Slice> slices) -> std::optional<std::vector<Slice>> {
             slices[dim].lo = slices[dim].lo - offset;
             if (slices[dim].hi) slices[dim].hi = slices[dim].hi - offset;
             return slices;
           }});
}

void fold_dim(Rewrite& rw, Sym buffer, size_t dim, int64_t extent, const ExprRef& offset) {
  const Path path = allocation(rw, buffer);
  prove_fold(rw, path, buffer, dim, extent, offset);
  reshape(rw, buffer,
          {[&](Alloc& a) { a.type.shape[dim] = num(extent); },
           [&](Exprs index) {
             index[dim] = (index[dim] - offset) % extent;
             return index;
           },
           [&](const Facts& facts, std::vector<Slice> slices) -> std::optional<std::vector<Slice>> {
             Slice& s = slices[dim];
             const ExprRef begin = (s.lo - offset) % extent;
             if (s.hi) s.hi = expression(linear(begin + length(s)));
             s.lo = begin;
             if (s.hi && !prove(facts, le(s.hi, num(extent)))) return std::nullopt;  // it would go round the end
             return slices;
           }});
}

VERB(resize_dim) {
  return make_verb("resize_dim", Kind::Primitive, "one dimension of a buffer gets another extent",
                   Signature<Args>()
                       .verb("resize_dim", &Args::buffer, "buffer", "the buffer, allocated in this procedure")
                       .required("dim", &Args::dim, "int", "which dimension, from 0")
                       .required("extent", &Args::extent, "expression", "its extent")
                       .optional("offset", &Args::offset, "expression", "the old index of its first element [0]")
                       .optional("fold", &Args::fold, "bool", "circular: indices go round at the extent [false]"),
                   run);
}

}  // namespace exo
