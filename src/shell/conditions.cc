#include "shell/conditions.h"

#include <fmt/core.h>

#include "base/strings.h"
#include "base/try.h"
#include "shell/meta_call.h"
#include "shell/text_width.h"

namespace berth::shell {
namespace {

Error Misplaced(std::string_view command, std::string_view why) {
  return Error{.code = ErrorCode::kSyntax,
               .message = fmt::format("{}: {}", command, why),
               .hint = R"(Write \if EXPRESSION, \elif EXPRESSION, \else, \endif, in this order.)"};
}

}  // namespace

bool Conditions::IsWord(std::string_view command) {
  return command == "\\if" || command == "\\elif" || command == "\\else" || command == "\\endif";
}

Status Conditions::Take(std::string_view command, std::string_view expression) {
  if (command == "\\if") return If(expression);
  if (open_.empty()) return Misplaced(command, "there is no \\if before it");
  if (command == "\\endif") {
    open_.pop_back();
    else_seen_.pop_back();
    return {};
  }
  if (else_seen_.back()) return Misplaced(command, "it stands behind \\else");
  if (command == "\\elif") return Elif(expression);
  else_seen_.back() = true;
  open_.back() = open_.back() == Branch::kWaits ? Branch::kRuns : Branch::kDone;
  return {};
}

Status Conditions::If(std::string_view expression) {
  if (open_.size() == kOpenMax) {
    return Error{.code = ErrorCode::kLimitExceeded,
                 .message = fmt::format("\\if: {} of them are open within each other (kOpenMax)", kOpenMax)};
  }
  const bool looked_at = active();
  open_.push_back(looked_at ? Branch::kWaits : Branch::kDone);
  else_seen_.push_back(false);
  return looked_at ? Decide("\\if", expression) : Status();
}

Status Conditions::Elif(std::string_view expression) {
  if (open_.back() == Branch::kWaits) return Decide("\\elif", expression);
  open_.back() = Branch::kDone;
  return {};
}

Status Conditions::Decide(std::string_view command, std::string_view expression) {
  const auto value = OnOrOff(base::Trim(expression));
  if (!value) {
    return Error{.code = ErrorCode::kSyntax,
                 .message = fmt::format("{}: \"{}\" is no boolean", command, DisplayOneLine(expression)),
                 .hint = "on, off, true, false, yes, no, 1 and 0 are, and their beginnings."};
  }
  open_.back() = *value ? Branch::kRuns : Branch::kWaits;
  return {};
}

}  // namespace berth::shell
