#include "ir/builtin.h"

#include <map>

namespace exo {
namespace {

using Table = std::map<std::string, FunctionInfo>;

Table make_table() {
  Table table;
  const auto add = [&](FunctionInfo info) { table.emplace(info.name, info); };
  add({"relu", Function::Relu, 1});
  add({"select", Function::Select, 3});
  add({"sqrt", Function::Sqrt, 1, true});
  add({"exp", Function::Exp, 1, true});
  add({"log", Function::Log, 1, true});
  add({"sin", Function::Sin, 1, true});
  add({"cos", Function::Cos, 1, true});
  add({"tanh", Function::Tanh, 1, true});
  add({"sigmoid", Function::Sigmoid, 1, true});
  add({"erf", Function::Erf, 1, true});
  add({"abs", Function::Abs, 1});
  add({"max", Function::Max, 2});
  add({"min", Function::Min, 2});
  add({"round", Function::Round, 1, true});
  add({"clamp", Function::Clamp, 3});
  for (int i = 0; i < static_cast<int>(Scalar::R); ++i) {
    const Scalar to = static_cast<Scalar>(i);
    add({scalar_name(to), Function::Convert, 1, false, to});
    if (is_integer_data(to)) {
      const std::string name = std::string("sat_") + scalar_name(to);
      add({name, Function::Saturate, 1, false, to});
    }
  }
  return table;
}

const Table& table() {
  static const Table all = make_table();
  return all;
}

}  // namespace

const FunctionInfo* function_named(const std::string& name) {
  const auto it = table().find(name);
  return it == table().end() ? nullptr : &it->second;
}

std::vector<std::string> function_names() {
  std::vector<std::string> names;
  for (const auto& entry : table()) names.push_back(entry.first);
  return names;
}

std::optional<Scalar> converts_to(const std::string& name) {
  const FunctionInfo* info = function_named(name);
  if (!info || (info->function != Function::Convert && info->function != Function::Saturate)) return {};
  return info->to;
}

}  // namespace exo
