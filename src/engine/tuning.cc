#include "engine/tuning.h"

#include <fmt/core.h>

#include <cstdint>

#include "base/strings.h"
#include "base/try.h"
#include "bind/connection_options.h"
#include "bind/option_values.h"

namespace berth::engine {
namespace {

parser::Value ValueOf(TuningTime time) {
  return bind::TimeValue(time);
}
parser::Value ValueOf(TuningCount count) {
  return {.form = parser::ValueForm::kNumber, .text = std::to_string(count)};
}
parser::Value ValueOf(const TuningText& text) {
  return {.form = parser::ValueForm::kString, .text = text};
}

Error Refused(std::string message, std::string hint, parser::Span span) {
  return {.code = ErrorCode::kInvalidArgument, .message = std::move(message), .hint = std::move(hint), .span = span};
}

// The connections of the group but `except`, with what they reserve: "etl 40, bi 20".
struct Reservations {
  std::int64_t total = 0;
  std::string text;
};
Result<Reservations> ReservationsOf(catalog::Transaction& transaction, std::int64_t group_id, std::int64_t except) {
  BERTH_ASSIGN(const auto connections, transaction.ConnectionsInGroup(group_id));
  Reservations out;
  for (const auto& connection : connections) {
    if (connection.id == except || connection.tuning.reserved.value_or(0) == 0) continue;
    out.total += *connection.tuning.reserved;
    out.text += fmt::format("{}{} {}", out.text.empty() ? "" : ", ", base::QuoteIdentifier(connection.name),
                            *connection.tuning.reserved);
  }
  return out;
}

}  // namespace

void Merge(const ConnectionTuning& given, ConnectionTuning& into) {
  ForEachTuning([&](std::string_view, auto member) {
    if (given.*member) into.*member = given.*member;
  });
}

std::vector<std::string> DifferencesOf(const ConnectionTuning& a, const ConnectionTuning& b) {
  std::vector<std::string> names;
  ForEachTuning([&](std::string_view name, auto member) {
    if (a.*member != b.*member) names.emplace_back(name);
  });
  return names;
}

void Unset(std::string_view name, ConnectionTuning& tuning) {
  ForEachTuning([&](std::string_view known, auto member) {
    if (known == name) (tuning.*member).reset();
  });
}

std::vector<parser::Option> OptionsOf(const ConnectionTuning& tuning) {
  std::vector<parser::Option> options;
  ForEachTuning([&](std::string_view name, auto member) {
    if (tuning.*member) options.push_back({.name = {.name = std::string(name)}, .value = ValueOf(*(tuning.*member))});
  });
  return options;
}

Status CheckShares(catalog::Transaction& transaction, const catalog::Connection& connection, parser::Span span) {
  const auto cap = connection.max_concurrent_connections.value_or(bind::kSessionsDefault);
  const auto cap_text =
      fmt::format("MAX_CONCURRENT_CONNECTIONS = {}{}", cap, connection.max_concurrent_connections ? "" : " (default)");
  const auto min_idle = connection.tuning.min_idle.value_or(0);
  const auto reserved = connection.tuning.reserved.value_or(0);
  const auto name = base::QuoteIdentifier(connection.name);
  if (min_idle > cap) {
    return Refused(fmt::format("connection {}: MIN_IDLE = {} is more than {}", name, min_idle, cap_text),
                   "Lower MIN_IDLE, or raise MAX_CONCURRENT_CONNECTIONS with it.", span);
  }
  if (reserved == 0) return {};
  if (!connection.group) {
    return Refused(fmt::format("connection {}: RESERVED = {} needs a GROUP to reserve of", name, reserved),
                   "Give GROUP = .., or UNSET RESERVED.", span);
  }
  if (reserved > cap) {
    return Refused(fmt::format("connection {}: RESERVED = {} is more than {}", name, reserved, cap_text),
                   "A connection cannot use more than its own cap.", span);
  }
  BERTH_ASSIGN(const auto others, ReservationsOf(transaction, connection.group->id, connection.id));
  if (others.total + reserved <= connection.group->max_concurrent_connections) return {};
  auto error = Refused(
      fmt::format("connection group {} cannot reserve {} of {} sessions: RESERVED = {} of connection {} comes on top "
                  "of {}",
                  base::QuoteIdentifier(connection.group->name), others.total + reserved,
                  connection.group->max_concurrent_connections, reserved, name, others.total),
      "Reserve less, or raise the group's MAX_CONCURRENT_CONNECTIONS.", span);
  error.detail = "reserved already: " + others.text;
  if (others.total == 0) error.detail.clear();
  return error;
}

Status CheckGroupCap(catalog::Transaction& transaction, const catalog::ConnectionGroup& group, parser::Span span) {
  BERTH_ASSIGN(const auto all, ReservationsOf(transaction, group.id, 0));
  if (all.total <= group.max_concurrent_connections) return {};
  auto error = Refused(fmt::format("connection group {}: MAX_CONCURRENT_CONNECTIONS = {} is less than the {} sessions "
                                   "that its connections reserve",
                                   base::QuoteIdentifier(group.name), group.max_concurrent_connections, all.total),
                       "Lower their RESERVED first.", span);
  error.detail = "reserved: " + all.text;
  return error;
}

}  // namespace berth::engine
