#include "dataapi/decode.h"

#include <fmt/core.h>

#include <boost/json.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/strings.h"
#include "dataapi/members.h"
#include "statements/submit_request.h"

namespace berth::dataapi {
namespace {

namespace json = boost::json;

std::string_view KindOf(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "a boolean";
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return "a number";
    case json::kind::string:
      return "a string";
    case json::kind::array:
      return "a list";
    case json::kind::object:
      return "an object";
  }
  return "something else";
}

Refusal WrongType(std::string_view name, std::string_view wanted, const json::value& value) {
  return Unserializable(fmt::format("{} must be {}, not {}", name, wanted, KindOf(value)));
}

std::string_view View(const json::string& text) {
  return {text.data(), text.size()};
}

// What no text may be, whatever it means: too long, or with a zero byte, which no statement can carry to a server.
std::optional<Refusal> Unfit(std::string_view name, std::string_view text, std::size_t max) {
  if (text.size() > max) {
    return Invalid(fmt::format("{} has {} bytes; the limit is {} bytes", name, text.size(), max));
  }
  if (text.find('\0') != std::string_view::npos) return Invalid(fmt::format("{} holds a zero byte (\\u0000)", name));
  return std::nullopt;
}

// Reads one member into the slot that its type has.
class Reader {
 public:
  Reader(const Member& member, const json::value& value, Request& request, std::optional<Refusal>& form_of_target)
      : member_(member), value_(value), request_(request), form_of_target_(form_of_target) {}

  std::optional<Refusal> operator()(std::optional<std::string> Request::* slot) const {
    if (!value_.is_string()) return WrongType(member_.name, "a string", value_);
    const auto text = View(value_.get_string());
    const bool sql = member_.name == "Sql";
    if (auto refused = Unfit(member_.name, text, sql ? kSqlBytesMax : kOtherTextBytesMax)) return refused;
    if (auto wrong = WrongText(member_, text)) {
      if (!member_.names_connection) return Invalid(*std::move(wrong));
      form_of_target_ = Invalid(*std::move(wrong));
    }
    request_.*slot = std::string(text);
    return std::nullopt;
  }

  std::optional<Refusal> operator()(std::optional<std::int64_t> Request::* slot) const {
    std::int64_t number = 0;
    if (value_.is_int64()) {
      number = value_.get_int64();
    } else if (value_.is_uint64()) {
      number = std::numeric_limits<std::int64_t>::max();
    } else {
      return WrongType(member_.name, "a whole number", value_);
    }
    if (auto wrong = WrongNumber(member_, number)) return Invalid(*std::move(wrong));
    request_.*slot = number;
    return std::nullopt;
  }

  std::optional<Refusal> operator()(std::optional<bool> Request::* slot) const {
    if (!value_.is_bool()) return WrongType(member_.name, "a boolean", value_);
    request_.*slot = value_.get_bool();
    return std::nullopt;
  }

  std::optional<Refusal> operator()(std::optional<std::vector<std::string>> Request::* slot) const {
    if (!value_.is_array()) return WrongType(member_.name, "a list", value_);
    const auto& array = value_.get_array();
    if (auto wrong = WrongCount(member_, array.size())) return Invalid(*std::move(wrong));
    std::vector<std::string> texts;
    for (const auto& element : array) {
      if (!element.is_string()) return WrongType(member_.name, "a list of strings", element);
      const auto text = View(element.get_string());
      if (auto refused = Unfit("A statement of Sqls", text, kSqlBytesMax)) return refused;
      texts.emplace_back(text);
    }
    request_.*slot = std::move(texts);
    return std::nullopt;
  }

  std::optional<Refusal> operator()(std::optional<std::vector<NamedValue>> Request::* slot) const {
    if (!value_.is_array()) return WrongType(member_.name, "a list", value_);
    const auto& array = value_.get_array();
    if (auto wrong = WrongCount(member_, array.size())) return Invalid(*std::move(wrong));
    if (array.size() > kParametersMax) {
      return Invalid(fmt::format("Parameters has {} entries; the limit is {}", array.size(), kParametersMax));
    }
    std::vector<NamedValue> pairs;
    for (const auto& element : array) {
      NamedValue pair;
      if (auto refused = ReadPair(element, pair)) return refused;
      for (const auto& other : pairs) {
        if (other.name == pair.name) return Invalid(fmt::format("Parameters has the name {} twice", pair.name));
      }
      pairs.push_back(std::move(pair));
    }
    request_.*slot = std::move(pairs);
    return std::nullopt;
  }

 private:
  static std::optional<Refusal> ReadPair(const json::value& element, NamedValue& pair) {
    static const Member kName{
        .name = "parameters.member.name", .slot = {}, .min = 1, .pattern = Pattern::kParameterName};
    static const Member kValue{.name = "parameters.member.value", .slot = {}, .min = 1};
    if (!element.is_object()) return WrongType("Parameters", "a list of objects", element);
    for (const auto& [key, target, member] :
         {std::tuple{"name", &pair.name, &kName}, std::tuple{"value", &pair.value, &kValue}}) {
      const auto* found = element.get_object().if_contains(key);
      if (found == nullptr || found->is_null()) return Invalid(MissingText(member->name));
      if (!found->is_string()) return WrongType(member->name, "a string", *found);
      const auto text = View(found->get_string());
      if (auto refused = Unfit(member->name, text, kSqlBytesMax)) return refused;
      if (auto wrong = WrongText(*member, text)) return Invalid(*std::move(wrong));
      *target = text;
    }
    return std::nullopt;
  }

  const Member& member_;
  const json::value& value_;
  Request& request_;
  std::optional<Refusal>& form_of_target_;
};

std::optional<Refusal> CheckTarget(const Request& request) {
  if (request.cluster_identifier && request.workgroup_name) {
    return Invalid("ClusterIdentifier and WorkgroupName exclude each other; give one of them");
  }
  const bool any = request.cluster_identifier || request.workgroup_name || request.secret_arn;
  if (!request.session_id) {
    if (any || request.database == statements::kCatalogTarget) return std::nullopt;
    return Invalid(
        "One of ClusterIdentifier, WorkgroupName and SecretArn is needed: it says which connection is meant");
  }
  if (any || request.database || request.db_user) {
    return Invalid(
        "SessionId excludes ClusterIdentifier, WorkgroupName, Database, DbUser and SecretArn: the session has its own");
  }
  return std::nullopt;
}

std::optional<Refusal> CheckBetween(const Request& request) {
  switch (request.operation) {
    case Operation::kExecuteStatement:
    case Operation::kBatchExecuteStatement:
    case Operation::kListDatabases:
    case Operation::kListSchemas:
    case Operation::kListTables:
    case Operation::kDescribeTable:
      return CheckTarget(request);
    case Operation::kListStatements:
      if (request.cluster_identifier && request.workgroup_name) {
        return Invalid("ClusterIdentifier and WorkgroupName exclude each other; give one of them");
      }
      return std::nullopt;
    case Operation::kListSessions:
      if (request.cluster_identifier && request.workgroup_name) {
        return Invalid("ClusterIdentifier and WorkgroupName exclude each other; give one of them");
      }
      if (request.session_id &&
          (request.status || request.cluster_identifier || request.workgroup_name || request.database)) {
        return Invalid("SessionId excludes Status, ClusterIdentifier, WorkgroupName and Database");
      }
      return std::nullopt;
    case Operation::kCancelStatement:
    case Operation::kDescribeStatement:
    case Operation::kGetStatementResult:
    case Operation::kGetStatementResultV2:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Refusal> ReadMembers(const json::object& object, Request& request,
                                   std::optional<Refusal>& form_of_target) {
  for (const auto& member : Members()) {
    if (!Takes(member.taken_by, request.operation)) continue;
    const auto* value = object.if_contains({member.name.data(), member.name.size()});
    if (value == nullptr || value->is_null()) {
      if (Takes(member.required_by, request.operation)) return Invalid(MissingText(member.name));
      continue;
    }
    if (auto refused = std::visit(Reader(member, *value, request, form_of_target), member.slot)) return refused;
  }
  return CheckBetween(request);
}

}  // namespace

std::optional<Refusal> Decode(Operation operation, std::string_view body, Request& request,
                              std::optional<Refusal>& form_of_target) {
  request = Request{.operation = operation};
  form_of_target.reset();
  if (base::Trim(body).empty()) body = "{}";
  json::parse_options options;
  options.max_depth = kJsonDepthMax;
  json::monotonic_resource memory;
  json::error_code error;
  const json::value value = json::parse({body.data(), body.size()}, error, &memory, options);
  if (error) return Unserializable(fmt::format("The body is not JSON: {}", error.message()));
  if (!value.is_object()) return Unserializable(fmt::format("The body must be an object, not {}", KindOf(value)));
  return ReadMembers(value.get_object(), request, form_of_target);
}

}  // namespace berth::dataapi
