#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "berth/error.h"
#include "parser/ast.h"

namespace berth::bind {

// The names that options of one kind of object have.
struct OptionNames {
  std::string_view object;                  // "connection", "job": for the error
  std::vector<std::string_view> known;      // those that can be bound
  std::span<const std::string_view> later;  // those that are refused as not supported by this version
};

// Each name is known and stands once. Errors point at the name: unknown (did you mean; the known ones), given twice (at
// the second), kNotSupported for a later one.
Status CheckOptionNames(const OptionNames& names, std::span<const parser::Identifier* const> given);
std::vector<const parser::Identifier*> NamesOf(const std::vector<parser::Option>& options);

}  // namespace berth::bind
