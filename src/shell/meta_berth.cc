#include <fmt/core.h>

#include "base/strings.h"
#include "shell/meta_call.h"
#include "shell/statement_runner.h"

namespace berth::shell {
namespace {

// psql's pattern as LIKE's.
std::string LikeOf(std::string_view pattern) {
  std::string like;
  for (const char c : pattern) {
    if (c == '*') {
      like += '%';
    } else if (c == '?') {
      like += '_';
    } else {
      if (c == '%' || c == '_' || c == '\\') like += '\\';
      like += c;
    }
  }
  return base::QuoteLiteral(like);
}

std::string Listing(std::string_view statement, const MetaCall& call) {
  return call.arguments.empty() ? std::string(statement)
                                : fmt::format("{} LIKE {}", statement, LikeOf(call.arguments[0]));
}

// The connection that is named, or else the one in use.
Result<std::string> OfConnection(std::string_view statement, const MetaCall& call) {
  if (!call.arguments.empty()) return fmt::format("{} OF CONNECTION {}", statement, call.arguments[0]);
  const auto in_use = call.console.conversation.state().connection;
  if (in_use.empty()) return BadArgument(call.name, "", "CONNECTION, or use one first with \\c");
  return fmt::format("{} OF CONNECTION {}", statement, base::QuoteIdentifier(in_use));
}

Result<std::string> StatementOf(const MetaCall& call) {
  if (call.name == "\\connections") return Listing("SHOW CONNECTIONS", call);
  if (call.name == "\\jobs") return Listing("SHOW JOBS", call);
  if (call.name == "\\secrets") return Listing("SHOW SECRETS", call);
  if (call.name == "\\history") return OfConnection("SHOW HISTORY", call);
  if (call.name == "\\deps") return OfConnection("SHOW DEPENDENTS", call);
  if (call.name == "\\slots") return OfConnection("SHOW SLOTS", call);
  if (call.name == "\\sessions") return OfConnection("SHOW SESSIONS", call);
  return std::string("SHOW POOLS");
}

}  // namespace

// Short words for statements of Berth's own.
Result<Verdict> MetaBerth(MetaCall& call) {
  const auto statement = StatementOf(call);
  if (!statement.ok()) return statement.error();
  Handling handling{.look = call.console.settings.print, .quiet = true};
  // Listings with many columns and few lines: a person on a narrow screen reads them one below the other.
  if (call.console.interactive && handling.look->expanded == Expanded::kOff) handling.look->expanded = Expanded::kAuto;
  return RunStatement(call.console, statement.value(), call.place, handling);
}

}  // namespace berth::shell
