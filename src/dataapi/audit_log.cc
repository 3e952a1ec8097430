#include "dataapi/audit_log.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <system_error>
#include <utility>

#include "base/crypto.h"
#include "base/log.h"
#include "base/try.h"
#include "dataapi/json_text.h"

namespace berth::dataapi {
namespace {

Result<base::UniqueFd> OpenFile(const std::string& path) {
  base::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  if (fd) return fd;
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = fmt::format("cannot open the audit log {}: {}", path, std::generic_category().message(errno)),
               .hint = "--audit-log FILE names another file, --audit-log none does without one."};
}

// Of a batch: of its texts one after the other, each with a line end.
std::string HashOf(const std::vector<std::string>& sqls) {
  if (sqls.size() == 1) return base::Sha256Hex(sqls.front());
  std::string all;
  for (const auto& sql : sqls) all.append(sql).append("\n");
  return base::Sha256Hex(all);
}

void Begin(JsonText& out, Clock::Wall now, std::string_view event) {
  out.Begin('{');
  out.Time("time", now);
  out.Text("event", event);
}

void Who(JsonText& out, const Caller& caller, const statements::StatementFacts& facts) {
  out.Text("user", caller.user);
  out.TextIfAny("key", caller.key_id);
  out.TextIfAny("address", caller.peer);
  out.TextIfAny("connection", facts.connection);
  out.Text("statement", facts.id);
}

}  // namespace

AuditLog::AuditLog(Options options, const Clock& clock, base::UniqueFd fd)
    : options_(std::move(options)), clock_(clock), fd_(std::move(fd)) {}

Result<std::unique_ptr<AuditLog>> AuditLog::Open(Options options, const Clock& clock) {
  BERTH_ASSIGN(auto fd, OpenFile(options.path));
  return std::unique_ptr<AuditLog>(new AuditLog(std::move(options), clock, std::move(fd)));
}

void AuditLog::Accepted(const Caller& caller, const statements::StatementFacts& facts) {
  JsonText out;
  Begin(out, clock_.WallNow(), "accepted");
  Who(out, caller, facts);
  out.Text("sha256", HashOf(facts.sqls));
  if (options_.with_text) {
    out.Begin("sql", '[');
    for (const auto& sql : facts.sqls) out.Element(statements::ShownSql(facts, sql));
    out.End(']');
  }
  out.End('}');
  Write(std::move(out).Take());
}

void AuditLog::Ended(const Caller& caller, const statements::StatementFacts& facts) {
  JsonText out;
  Begin(out, clock_.WallNow(), "ended");
  Who(out, caller, facts);
  out.Text("outcome", statements::StateName(facts.progress.state));
  out.Number("rows", facts.progress.result_rows);
  out.Number("bytes", facts.progress.result_size);
  out.Number("duration_ns", facts.progress.duration_ns);
  out.Number("backend_pid", facts.redshift_pid);
  out.End('}');
  Write(std::move(out).Take());
}

void AuditLog::TurnedAway(std::string_view peer, std::string_view what, std::string_view why) {
  JsonText out;
  Begin(out, clock_.WallNow(), "turned_away");
  out.TextIfAny("address", peer);
  out.TextIfAny("operation", what);
  out.Text("reason", why);
  out.End('}');
  Write(std::move(out).Take());
}

Status AuditLog::Reopen() {
  BERTH_ASSIGN(auto fd, OpenFile(options_.path));
  const base::MutexLock lock(mutex_);
  fd_ = std::move(fd);
  complained_ = false;
  return {};
}

// One write() a line: O_APPEND keeps the lines of several processes apart.
void AuditLog::Write(std::string line) {
  line += '\n';
  const base::MutexLock lock(mutex_);
  if (::write(fd_.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size())) return;
  if (!std::exchange(complained_, true)) {
    log::Error("the audit log {} cannot be written: {}", options_.path, std::generic_category().message(errno));
  }
}

}  // namespace berth::dataapi
