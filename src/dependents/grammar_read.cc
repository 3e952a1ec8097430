#include "dependents/grammar_read.h"

#include <pg_query.h>

#include <algorithm>
#include <boost/json.hpp>
#include <exception>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "dependents/deep_stack.h"
#include "parser/scan.h"

namespace berth::dependents {
namespace {

namespace json = boost::json;

constexpr std::size_t kJsonDepthMax = 1u << 20;  // above what kGrammarBytesMax can nest

std::string_view View(const json::string& text) {
  return {text.data(), text.size()};
}

const json::value* Find(const json::object& object, std::string_view key) {
  return object.if_contains(json::string_view(key.data(), key.size()));
}

std::string_view Text(const json::object& object, std::string_view key) {
  const auto* value = Find(object, key);
  return value != nullptr && value->is_string() ? View(value->get_string()) : std::string_view();
}

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// The string of {"String":{"sval":..}} or {"A_Const":{"sval":{"sval":..}}}.
std::string_view StringOf(const json::value& value) {
  if (!value.is_object()) return {};
  if (const auto* string = value.get_object().if_contains("String"); string != nullptr && string->is_object())
    return Text(string->get_object(), "sval");
  const auto* constant = value.get_object().if_contains("A_Const");
  if (constant == nullptr || !constant->is_object()) return {};
  const auto* inner = constant->get_object().if_contains("sval");
  return inner != nullptr && inner->is_object() ? Text(inner->get_object(), "sval") : std::string_view();
}

// Walks the tree that the grammar gives. A node stands as {"TypeName": {fields}}, or bare where its field has but one
// type (relation, intoClause, larg of a SELECT): then the field's name tells what it is.
class Walk {
 public:
  explicit Walk(std::string_view statement) : statement_(statement) {}

  void Node(std::string_view type, const json::object& fields) {
    if (type == "RangeVar") return AddTable(fields, Use::kReads);
    if (type == "DropStmt") return AddDropped(fields);
    if (type == "VariableSetStmt") return SetVariable(fields);
    const std::size_t scope = names_.size();
    if (const auto* with = Find(fields, "withClause"); with != nullptr && with->is_object()) {
      TakeCommonTables(with->get_object());
    }
    for (const auto& [key, value] : fields) {
      const std::string_view name(key.data(), key.size());
      if (name != "withClause" && name != "lockedRels") Field(type, fields, name, value);  // lockedRels: aliases
    }
    names_.resize(scope);
  }

  StatementTables Take() { return std::move(tables_); }

 private:
  void Field(std::string_view type, const json::object& fields, std::string_view name, const json::value& value) {
    if (value.is_array()) {
      for (const auto& element : value.get_array()) Field(type, fields, name, element);
      return;
    }
    if (!value.is_object()) return;
    const auto& object = value.get_object();
    if (IsOneOf(name, {"relation", "rel", "view"}) && Find(object, "relname") != nullptr) {
      return AddTable(object, UseOf(type, name, fields));
    }
    if (name == "pktable") return AddTable(object, Use::kReads);
    if (object.size() == 1 && IsNode(object.begin()->key(), object.begin()->value())) {
      const auto& node = object.begin()->value().get_object();
      if (object.begin()->key() == "RangeVar" && IsOneOf(type, {"TruncateStmt", "GrantStmt"}))
        return AddTable(node, Use::kWrites);
      return Node({object.begin()->key().data(), object.begin()->key().size()}, node);
    }
    Node("", object);
  }

  static bool IsNode(json::string_view key, const json::value& value) {
    return value.is_object() && !key.empty() && key.front() >= 'A' && key.front() <= 'Z';
  }

  static Use UseOf(std::string_view type, std::string_view field, const json::object& fields) {
    if (type == "CreateStmt" || field == "rel" || field == "view") return Use::kMakes;
    if (type == "TableLikeClause") return Use::kReads;
    if (type == "CopyStmt") return Find(fields, "is_from") != nullptr ? Use::kWrites : Use::kReads;
    return Use::kWrites;
  }

  // A CTE is known to those after it, and to itself only where the WITH is RECURSIVE.
  void TakeCommonTables(const json::object& with) {
    const auto* list = Find(with, "ctes");
    if (list == nullptr || !list->is_array()) return;
    const bool recursive = Find(with, "recursive") != nullptr;
    const auto name_of = [](const json::value& element) {
      const auto* cte = element.is_object() ? element.get_object().if_contains("CommonTableExpr") : nullptr;
      return cte != nullptr && cte->is_object() ? Text(cte->get_object(), "ctename") : std::string_view();
    };
    if (recursive) {
      for (const auto& element : list->get_array()) names_.emplace_back(name_of(element));
    }
    for (const auto& element : list->get_array()) {
      Field("WithClause", with, "ctes", element);
      if (!recursive) names_.emplace_back(name_of(element));
    }
  }

  void AddTable(const json::object& range, Use use) {
    const std::string schema(Text(range, "schemaname"));
    const std::string table(Text(range, "relname"));
    const auto* alias = Find(range, "alias");
    const std::string_view alias_name =
        alias != nullptr && alias->is_object() ? Text(alias->get_object(), "aliasname") : std::string_view();
    const bool known = schema.empty() && std::find(names_.begin(), names_.end(), table) != names_.end();
    // FROM orders o, o.items i: Redshift reads what an earlier alias holds, which is no table of a schema "o".
    const std::string database(Text(range, "catalogname"));
    const bool unnested =
        std::find(aliases_.begin(), aliases_.end(), database.empty() ? schema : database) != aliases_.end();
    if (!alias_name.empty()) aliases_.emplace_back(alias_name);
    if (use == Use::kReads && (known || unnested)) return;
    if (use == Use::kMakes && Text(range, "relpersistence") == "t") use = Use::kMakesTemporary;
    const auto* location = Find(range, "location");
    const auto at = location != nullptr && location->is_int64() ? location->get_int64() : 0;
    tables_.mentions.push_back({.schema = schema,
                                .table = table,
                                .database = database,
                                .use = use,
                                .name = SpanAt(static_cast<std::size_t>(at))});
  }

  // The dotted name that begins there.
  SourceSpan SpanAt(std::size_t at) const {
    if (at >= statement_.size()) return {};
    parser::Scanner scanner(statement_.substr(at), /*backslash_escapes=*/false);
    std::size_t end = 0;
    for (auto token = scanner.Next(); token.IsName(); token = scanner.Next()) {
      end = token.end();
      if (!scanner.Next().IsSymbol('.')) break;
    }
    return {.offset = static_cast<std::uint32_t>(at), .length = static_cast<std::uint32_t>(end)};
  }

  void AddDropped(const json::object& drop) {
    if (!IsOneOf(Text(drop, "removeType"), {"OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW"})) return;
    const auto* objects = Find(drop, "objects");
    if (objects == nullptr || !objects->is_array()) return;
    for (const auto& object : objects->get_array()) {
      const auto* list = object.is_object() ? object.get_object().if_contains("List") : nullptr;
      const auto* items = list != nullptr && list->is_object() ? Find(list->get_object(), "items") : nullptr;
      if (items == nullptr || !items->is_array()) continue;
      const auto& parts = items->get_array();
      const auto count = parts.size();
      if (count == 0 || count > 3) continue;
      tables_.mentions.push_back({.schema = std::string(count >= 2 ? StringOf(parts[count - 2]) : std::string_view()),
                                  .table = std::string(StringOf(parts[count - 1])),
                                  .database = std::string(count == 3 ? StringOf(parts[0]) : std::string_view()),
                                  .use = Use::kWrites});
    }
  }

  void SetVariable(const json::object& set) {
    if (Text(set, "name") != "search_path") return;
    tables_.search_path = "public";  // RESET, SET .. TO DEFAULT
    const auto* values = Find(set, "args");
    if (values == nullptr || !values->is_array()) return;
    for (const auto& value : values->get_array()) {
      const auto schema = StringOf(value);
      if (schema.empty() || schema == "$user") continue;
      tables_.search_path = std::string(schema);
      return;
    }
  }

  std::string_view statement_;
  StatementTables tables_;
  std::vector<std::string> names_;    // of the CTEs in scope, innermost last
  std::vector<std::string> aliases_;  // of the tables so far
};

std::optional<StatementTables> WalkTree(std::string_view tree, std::string_view statement) {
  json::monotonic_resource memory;  // values are given back at once, not one by one down a deep tree
  boost::system::error_code failed;
  json::parse_options options;
  options.max_depth = kJsonDepthMax;
  const json::value parsed = json::parse(json::string_view(tree.data(), tree.size()), failed, &memory, options);
  if (failed || !parsed.is_object()) return std::nullopt;
  Walk walk(statement);
  walk.Node("", parsed.get_object());
  return walk.Take();
}

}  // namespace

// libpg-query can answer in protobuf as well, which nobody asks it for here. With this in its place, the tables for
// that, half of all that is relocated at a start, are not linked to the program.
extern "C" PgQueryProtobuf pg_query_nodes_to_protobuf(const void* /*nodes*/) {
  return {};
}

std::optional<StatementTables> ReadByGrammar(std::string_view statement) {
  if (statement.size() > kGrammarBytesMax) return std::nullopt;
  const std::string text(statement);
  std::optional<StatementTables> tables;
  const auto work = [&] {
    const PgQueryParseResult result = ::pg_query_parse(text.c_str());
    try {  // the end of memory: the tokens are looked at instead
      if (result.error == nullptr) tables = WalkTree(result.parse_tree, statement);
    } catch (const std::exception&) {
      tables.reset();
    }
    ::pg_query_free_parse_result(result);
  };
  if (!RunOnDeepStack(work)) return std::nullopt;
  return tables;
}

}  // namespace berth::dependents
