// set_window: may the caller pass a strided part for a parameter, or only something dense?
//
//     { set_window = "x", to = true }
//
//     for i in seq(0, n):
//         x[i] = 1.0
//   =>
//     for i in seq(0, n):
//         x[i] = 1.0
//
// In `[proc.NAME]`; the body stays as it is. A dense argument does for a window too, so `to = true` asks less of the caller; what
// is handed on to calls must then do whatever the strides are. `to = false` asks for the strides of a dense tensor, which is proved
// at every call.
#include <fmt/format.h>

#include "ir/build.h"
#include "ir/print.h"
#include "schedule/access_edit.h"
#include "schedule/primitives.h"
#include "schedule/procedures.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref buffer;
  bool to = true;
};

/// Refuses where a call gets all of the buffer for a dense parameter.
void check_dense_arguments(Rewrite& rw, Sym buffer) {
  for (const Path& p : find(rw.before(), [](const StmtRef& s) { return as<Call>(s) != nullptr; })) {
    const Call& call = *as<Call>(rw.stmt(p));
    for (size_t i = 0; i < call.args.size(); ++i) {
      const Window* w = as<Window>(call.args[i]);
      const Param& param = call.callee->params[i];
      if (w && w->buffer == buffer && w->slices.empty() && !param.type.window)
        rw.refuse({"set-window-dense",
                   fmt::format("`{}` of `{}` is dense", param.name.name(), call.callee->name),
                   p,
                   "this call",
                   {"`set_window` makes a window of that one first"}});
    }
  }
}

void set_window(Rewrite& rw, Sym buffer, bool to) {
  const Declaration& d = rw.names().at(buffer);
  if (!d.is_param || d.type.shape.empty())
    rw.refuse({"set-window-parameter", fmt::format("`{}` is no tensor that a caller passes", buffer.name()), {}, ""});
  if (d.type.window == to) return;
  only_in_proc(rw, "set_window");
  if (to) check_dense_arguments(rw, buffer);
  ExprRef distance = num(1);
  for (size_t dim = d.type.shape.size(); !to && dim-- > 0; distance = distance * d.type.shape[dim])
    rw.assume(eq(stride(buffer, static_cast<int64_t>(dim)), distance));
  rw.edit.head([&](Proc& proc) {
    for (Param& p : proc.params)
      if (p.name == buffer) p.type.window = to;
  });
  if (to) prove_parts(rw, buffer, {});
}

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) { set_window(rw, one_buffer(rw.before(), args.buffer), args.to); });
}

}  // namespace

VERB(set_window) {
  return make_verb("set_window", Kind::Primitive, "may the caller pass a strided part, or only something dense?",
                   Signature<Args>()
                       .verb("set_window", &Args::buffer, "buffer", "a parameter")
                       .required("to", &Args::to, "bool", "true: a window; false: dense"),
                   run);
}

}  // namespace exo
