#include <fmt/core.h>

#include <algorithm>
#include <boost/json.hpp>
#include <string>

#include "imports/tree.h"

namespace berth::imports {
namespace {

namespace json = boost::json;

Tree Plain(const json::value& value) {
  Tree tree;
  switch (value.kind()) {
    case json::kind::null:
      return tree;
    case json::kind::array:
      tree.kind = Tree::Kind::kList;
      for (const auto& item : value.get_array()) tree.items.push_back(Plain(item));
      return tree;
    case json::kind::object:
      tree.kind = Tree::Kind::kMap;
      for (const auto& member : value.get_object())
        tree.members.push_back({std::string(member.key()), Plain(member.value())});
      return tree;
    case json::kind::string:
      tree.text = std::string_view(value.get_string());
      break;
    default:
      tree.text = json::serialize(value);  // a number or a boolean
  }
  tree.kind = Tree::Kind::kScalar;
  return tree;
}

}  // namespace

Result<Tree> ReadJson(std::string_view text) {
  json::stream_parser parser({}, json::parse_options{.max_depth = kTreeDepthMax});
  boost::system::error_code failed;
  const auto read = parser.write_some(text.data(), text.size(), failed);
  if (!failed && read == text.size()) parser.finish(failed);
  if (failed || read != text.size()) {
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(read), '\n');
    return Error{
        .code = ErrorCode::kSyntax,
        .message = fmt::format("not JSON, at line {}: {}", line, failed ? failed.message() : "something follows")};
  }
  return Plain(parser.release());
}

}  // namespace berth::imports
