#include "catalog/changed_options.h"

namespace berth::catalog {
namespace {

class Names {
 public:
  void Add(bool differs, std::string_view name) {
    if (!differs) return;
    names_ += names_.empty() ? "" : ", ";
    names_ += name;
  }
  std::string Take() { return std::move(names_); }

 private:
  std::string names_;
};

std::int64_t SecretOf(const Connection& connection) {
  return connection.secret ? connection.secret->id : 0;
}
std::int64_t GroupOf(const Connection& connection) {
  return connection.group ? connection.group->id : 0;
}

}  // namespace

std::string ChangedOptions(const Connection& before, const Connection& after, bool password) {
  Names names;
  names.Add(before.connection_string != after.connection_string, "CONNECTION_STRING");
  names.Add(before.user_name != after.user_name, "USER_NAME");
  names.Add(password || before.password_kind != after.password_kind ||
                before.password_reference != after.password_reference || SecretOf(before) != SecretOf(after),
            "PASSWORD");
  names.Add(before.max_concurrent_connections != after.max_concurrent_connections, "MAX_CONCURRENT_CONNECTIONS");
  ForEachTuning(
      [&](std::string_view name, auto member) { names.Add(before.tuning.*member != after.tuning.*member, name); });
  names.Add(GroupOf(before) != GroupOf(after), "GROUP");
  names.Add(before.comment != after.comment, "COMMENT");
  names.Add(before.pause != after.pause, after.pause ? "PAUSE" : "RESUME");
  return names.Take();
}

std::string ChangedOptions(const ConnectionGroup& before, const ConnectionGroup& after) {
  Names names;
  names.Add(before.max_concurrent_connections != after.max_concurrent_connections, "MAX_CONCURRENT_CONNECTIONS");
  names.Add(before.comment != after.comment, "COMMENT");
  return names.Take();
}

std::string ChangedOptions(const Job& before, const Job& after) {
  Names names;
  names.Add(before.connection_id != after.connection_id, "CONNECTION");
  names.Add(before.sync != after.sync, "SYNC");
  names.Add(before.body != after.body || before.script != after.script, "AS");
  names.Add(before.plan.run_interval != after.plan.run_interval, "RUN_INTERVAL");
  names.Add(before.plan.schedule != after.plan.schedule, "SCHEDULE");
  names.Add(before.plan.time_zone != after.plan.time_zone, "TIME_ZONE");
  names.Add(before.plan.auto_commit != after.plan.auto_commit, "AUTO_COMMIT");
  names.Add(before.plan.run_timeout != after.plan.run_timeout, "RUN_TIMEOUT");
  names.Add(before.plan.retries != after.plan.retries, "RETRIES");
  names.Add(before.plan.retry_delay != after.plan.retry_delay, "RETRY_DELAY");
  names.Add(before.plan.without_effect != after.plan.without_effect, "options without effect");
  names.Add(before.pause.has_value() != after.pause.has_value(), after.pause ? "PAUSE" : "RESUME");
  names.Add(before.comment != after.comment, "COMMENT");
  return names.Take();
}

}  // namespace berth::catalog
