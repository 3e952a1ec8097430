#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"

namespace berth::imports {

// A JSON or YAML document as plain data. Scalars are texts: 5439 and "5439" are the same here.
struct TreeMember;
struct Tree {
  enum class Kind : std::uint8_t { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  std::string text;  // kScalar
  std::vector<Tree> items;
  std::vector<TreeMember> members;  // in their order

  const Tree* Find(std::string_view name) const;  // null: there is none
  // The scalar of that name; empty: there is none.
  std::string Text(std::string_view name) const;
  // Of the first of these names that there is.
  std::string TextOf(std::initializer_list<std::string_view> names) const;
};

struct TreeMember {
  std::string name;
  Tree value;
};

inline constexpr std::size_t kTreeNodesMax = 200'000;  // of a YAML file with its aliases written out
inline constexpr std::size_t kTreeDepthMax = 64;

// Errors: kSyntax, with the line; kLimitExceeded.
Result<Tree> ReadJson(std::string_view text);
// Aliases and merge keys (<<) are written out; the first document counts.
Result<Tree> ReadYaml(const std::string& text);

}  // namespace berth::imports
