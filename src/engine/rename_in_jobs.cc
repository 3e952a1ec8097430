#include "engine/rename_in_jobs.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "dependents/touches.h"
#include "parser/scan.h"

namespace berth::engine {
namespace {

// The last name in "REDSHIFT old." or "old.": where the connection's name stands in the body.
SourceSpan NameIn(std::string_view body, SourceSpan prefix) {
  const auto text = body.substr(prefix.offset, prefix.length);
  parser::Scanner scanner(text, /*backslash_escapes=*/false);
  SourceSpan name{.offset = prefix.offset, .length = 0};
  for (auto token = scanner.Next(); token.kind != parser::TokenKind::kEnd; token = scanner.Next()) {
    const bool is_name = token.kind == parser::TokenKind::kWord || token.kind == parser::TokenKind::kQuotedIdentifier;
    if (!is_name) continue;
    name = {.offset = prefix.offset + static_cast<std::uint32_t>(token.offset),
            .length = static_cast<std::uint32_t>(token.text.size())};
  }
  return name;
}

// From the last to the first, so that the offsets of those before stay true.
std::string Renamed(std::string body, const std::vector<dependents::Touch>& touches, const std::string& new_name) {
  std::vector<SourceSpan> names;
  for (const auto& touch : touches) {
    if (touch.prefix.length > 0) names.push_back(NameIn(body, touch.prefix));
  }
  std::sort(names.begin(), names.end(), [](const auto& a, const auto& b) { return a.offset > b.offset; });
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (const auto& name : names) body.replace(name.offset, name.length, base::QuoteIdentifier(new_name));
  return body;
}

}  // namespace

Result<std::string> BodyNaming(const catalog::Job& job, const std::string& old_name, const std::string& new_name) {
  const auto is_old = [&](std::string_view name) { return name == old_name; };
  BERTH_ASSIGN(const auto touches, dependents::FindTouches(job.body, is_old, /*backslash_escapes=*/false));
  auto body = Renamed(job.body, touches, new_name);
  if (body != job.body && new_name.find('\'') != std::string::npos) {
    return Error{
        .code = ErrorCode::kNotSupported,
        .message = fmt::format("job {} names the connection, and a name with a quote cannot be put into its text",
                               base::QuoteIdentifier(job.name)),
        .hint = "Choose a name without a quote."};
  }
  return body;
}

Status RenameInJobs(const catalog::Connection& connection, const std::string& new_name, CatalogScope& scope) {
  // Its own alone: however many jobs the catalog has, they hold the lock no longer.
  BERTH_ASSIGN(const auto dependents, scope.transaction.DependentsOf(connection.id));
  std::set<std::int64_t> ids;
  for (const auto& job : dependents.jobs) ids.insert(job.id);
  for (const auto id : ids) {
    BERTH_ASSIGN(auto job, scope.transaction.FindJobById(id));
    if (!job || job->connection_id != connection.id) continue;
    BERTH_ASSIGN(auto body, BodyNaming(*job, connection.name, new_name));
    if (body == job->body) continue;
    job->body = std::move(body);
    BERTH_ASSIGN(const auto updated, scope.transaction.UpdateJob(*std::move(job)));
    static_cast<void>(updated);
  }
  return {};
}

}  // namespace berth::engine
