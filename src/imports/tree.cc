#include "imports/tree.h"

namespace berth::imports {

const Tree* Tree::Find(std::string_view name) const {
  for (const auto& [key, value] : members) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::string Tree::Text(std::string_view name) const {
  const auto* const found = Find(name);
  return found != nullptr && found->kind == Kind::kScalar ? found->text : std::string();
}

std::string Tree::TextOf(std::initializer_list<std::string_view> names) const {
  for (const auto name : names) {
    const auto* const found = Find(name);
    if (found != nullptr && found->kind == Kind::kScalar) return found->text;
  }
  return {};
}

}  // namespace berth::imports
