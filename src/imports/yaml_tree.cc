#include <fmt/core.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/try.h"
#include "imports/tree.h"

namespace berth::imports {
namespace {

class Reader {
 public:
  Result<Tree> Read(const YAML::Node& node, std::size_t depth) {
    if (depth > kTreeDepthMax || ++nodes_ > kTreeNodesMax) {
      return Error{.code = ErrorCode::kLimitExceeded,
                   .message = fmt::format("a YAML file may have {} values, {} deep, its aliases written out",
                                          kTreeNodesMax, kTreeDepthMax)};
    }
    Tree tree;
    if (node.IsScalar()) {
      tree.kind = Tree::Kind::kScalar;
      tree.text = node.Scalar();
    } else if (node.IsSequence()) {
      tree.kind = Tree::Kind::kList;
      for (const auto& item : node) {
        BERTH_ASSIGN(auto read, Read(item, depth + 1));
        tree.items.push_back(std::move(read));
      }
    } else if (node.IsMap()) {
      tree.kind = Tree::Kind::kMap;
      BERTH_TRY(ReadMap(node, depth, tree));
    }
    return tree;
  }

 private:
  // What a merge key brings stands behind the map's own members, which are found first.
  Status ReadMap(const YAML::Node& node, std::size_t depth, Tree& tree) {
    std::vector<TreeMember> merged;
    for (const auto& member : node) {
      BERTH_ASSIGN(auto value, Read(member.second, depth + 1));
      if (!member.first.IsScalar()) continue;
      if (member.first.Scalar() != "<<") {
        tree.members.push_back({member.first.Scalar(), std::move(value)});
        continue;
      }
      for (auto& one : value.items) std::ranges::move(one.members, std::back_inserter(merged));
      std::ranges::move(value.members, std::back_inserter(merged));
    }
    std::ranges::move(merged, std::back_inserter(tree.members));
    return {};
  }

  std::size_t nodes_ = 0;
};

}  // namespace

Result<Tree> ReadYaml(const std::string& text) {
  try {
    return Reader().Read(YAML::Load(text), 0);
  } catch (const YAML::Exception& error) {
    return Error{.code = ErrorCode::kSyntax,
                 .message = fmt::format("not YAML, at line {}: {}", error.mark.line + 1, error.msg)};
  }
}

}  // namespace berth::imports
