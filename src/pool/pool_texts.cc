#include "pool/pool_texts.h"

#include <fmt/core.h>
#include <pwd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>

#include "base/strings.h"

namespace berth::pool {

namespace {

// 0:07, 14:02, 3:14:02
std::string StopwatchText(Clock::Steady::duration span) {
  const auto s = std::chrono::floor<std::chrono::seconds>(span).count();
  if (s < 3600) return fmt::format("{}:{:02}", s / 60, s % 60);
  return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

std::tm LocalTime(Clock::Wall time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return local;
}

std::string TimeOfDay(Clock::Wall time) {
  const std::tm local = LocalTime(time);
  return fmt::format("{:02}:{:02}", local.tm_hour, local.tm_min);
}

// 2026-11-22 14:02: a pause may last for days.
std::string DayAndTime(Clock::Wall time) {
  const std::tm local = LocalTime(time);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", local.tm_year + 1900, local.tm_mon + 1, local.tm_mday,
                     local.tm_hour, local.tm_min);
}

std::string PausedText(const Pause& pause) {
  std::string text = fmt::format("paused by {} since {}", pause.by, DayAndTime(pause.since));
  text += pause.until ? fmt::format(" until {}", DayAndTime(*pause.until)) : " until it is resumed";
  if (!pause.why.empty()) text += fmt::format(": {}", pause.why);
  return text;
}

std::string ResumeHint(const PoolOptions& options) {
  return fmt::format("RESUME CONNECTION {} ends the pause.", base::QuoteIdentifier(options.connection_name));
}

std::string UserText(uid_t uid) {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr ? fmt::format("user {}", entry.pw_name) : fmt::format("uid {}", uid);
}

}  // namespace

std::string SpanText(Clock::Steady::duration span) {
  auto ms = std::chrono::round<std::chrono::milliseconds>(span).count();
  if (ms >= 100) ms = (ms + 5) / 10 * 10;  // a wait of 1 s ends after 999 ms or 1003
  if (ms < 1000) return fmt::format("{} ms", ms);
  if (ms % 1000 == 0) return fmt::format("{} s", ms / 1000);
  return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
}

std::string OrdinalText(std::size_t n) {
  const bool teen = n % 100 / 10 == 1;
  constexpr std::array<const char*, 4> kEndings = {"th", "st", "nd", "rd"};
  return fmt::format("{}{}", n, kEndings[teen || n % 10 > 3 ? 0 : n % 10]);
}

std::string SlotHoldersText(std::vector<SlotFacts> slots) {
  std::erase_if(slots, [](const SlotFacts& slot) {
    return slot.own || !slot.alive || (slot.state != SlotState::kBusy && slot.state != SlotState::kReserved);
  });
  std::sort(slots.begin(), slots.end(), [](const SlotFacts& a, const SlotFacts& b) { return a.in_state > b.in_state; });
  std::string text;
  for (const SlotFacts& slot : slots) {
    if (&slot - slots.data() == static_cast<std::ptrdiff_t>(kHoldersShown)) break;
    text += fmt::format("{}pid {} {} ({}) {} {}", text.empty() ? "longest: " : "; ", slot.pid, slot.program,
                        UserText(slot.uid), NameOf(slot.state), StopwatchText(slot.in_state));
  }
  return text;
}

std::size_t CountAlive(const std::vector<SlotFacts>& slots) {
  return static_cast<std::size_t>(
      std::count_if(slots.begin(), slots.end(), [](const SlotFacts& slot) { return slot.alive; }));
}

std::string GroupText(const GroupShare& group, const std::vector<SlotFacts>& slots) {
  const std::size_t others = group.reserved_total - std::min(group.reserved_total, group.reserved);
  std::string text =
      fmt::format("; of its group \"{}\" {} of {} slots are in use", group.name, CountAlive(slots), group.cap);
  if (others > 0) text += fmt::format(" and {} {} reserved for others", others, others == 1 ? "is" : "are");
  return text;
}

std::string RaiseGroupHint(const GroupShare& group) {
  return fmt::format("raise the group's limit (ALTER CONNECTION GROUP {} SET MAX_CONCURRENT_CONNECTIONS = n)",
                     base::QuoteIdentifier(group.name));
}

namespace {

// The connection has room of its own; its group has none.
bool GroupIsShort(const Shortage& shortage, std::size_t slots) {
  return shortage.options.group && slots < shortage.options.sessions_max;
}

std::string HoldersText(const std::vector<Holder>& longest) {
  std::string text;
  for (const Holder& holder : longest) {
    text += fmt::format("{}thread {}", text.empty() ? "longest: " : "; ", holder.thread);
    if (!holder.label.empty()) text += fmt::format(" ({})", holder.label);
    text += fmt::format(" busy {}", StopwatchText(holder.held));
  }
  return text;
}

std::string CapText(const PoolOptions& options) {
  return fmt::format("(MAX_CONCURRENT_CONNECTIONS = {})", options.sessions_max);
}

std::size_t SlotsOf(const PoolStats& stats) {
  return stats.idle + stats.leased + stats.opening + stats.closing;
}

std::string SuspendedText(const LoginGate& gate) {
  return fmt::format("suspended: {} refused logins ({}) since {}, so that the account is not locked", gate.refused(),
                     gate.refused_sqlstate(), TimeOfDay(gate.refused_since()));
}

std::string FixLoginHint(const PoolOptions& options) {
  const std::string name = base::QuoteIdentifier(options.connection_name);
  return fmt::format(
      "ALTER REDSHIFT CONNECTION {} SET the right USER_NAME or PASSWORD, or RESUME CONNECTION {}; logins are tried "
      "again then.",
      name, name);
}

// Where it is the user's limit that refuses, the rest of its sessions are somebody else's. `held`: of the connection.
std::string NoRoomText(const Shortage& shortage, std::size_t held) {
  const std::string& said = shortage.gate.last_error()->message;
  const auto known = shortage.user_sessions ? static_cast<std::int64_t>(*shortage.user_sessions)
                                            : static_cast<std::int64_t>(CountAlive(shortage.group_slots)) -
                                                  static_cast<std::int64_t>(shortage.stats.opening);
  const auto ours = std::max(known, static_cast<std::int64_t>(held));
  const UserLimit& user = shortage.user;
  if (user.limit <= ours || said.find(" for role ") == std::string::npos) {
    return fmt::format("the server refused the login ({}) while Berth holds {} of {}", said, held,
                       shortage.options.sessions_max);
  }
  const std::int64_t others = user.limit - ours;
  return fmt::format("the server refused the login (limit {} of user {}) while Berth holds {} of {}: {} not Berth's",
                     user.limit, user.user, held, shortage.options.sessions_max,
                     others == 1 ? "1 session is" : fmt::format("{} sessions are", others));
}

}  // namespace

std::string LeakText(const std::string& connection_name, const Holder& holder) {
  return fmt::format("connection \"{}\": a session has been on loan for {} and is not given back: thread {}{}",
                     connection_name, StopwatchText(holder.held), holder.thread,
                     holder.label.empty() ? "" : fmt::format(" ({})", holder.label));
}

Error NoSessionError(const Shortage& shortage) {
  const PoolOptions& options = shortage.options;
  const auto alive = std::count_if(shortage.slots.begin(), shortage.slots.end(),
                                   [](const SlotFacts& slot) { return slot.alive && !slot.own; });
  const std::size_t slots = SlotsOf(shortage.stats) + static_cast<std::size_t>(alive);
  const auto& last = shortage.gate.last_error();

  std::string why;
  std::string hint;
  if (shortage.paused) {
    why = fmt::format("it is {}; {} of {} slots in use", PausedText(*options.pause), slots, options.sessions_max);
    hint = ResumeHint(options);
  } else if (shortage.gate.suspended()) {
    why =
        fmt::format("logins are {}; {} of {} slots in use", SuspendedText(shortage.gate), slots, options.sessions_max);
    hint = FixLoginHint(options);
  } else if (last && last->code == ErrorCode::kResourceExhausted) {
    why = NoRoomText(shortage, slots - shortage.stats.opening);
    hint =
        "Other programs use up the server's room for this user or database: close their sessions there, or raise the "
        "limit.";
  } else if (last) {
    why = fmt::format("logins fail ({}); {} of {} slots in use", last->message, slots, options.sessions_max);
    hint = last->hint;
  } else {
    why = fmt::format("{} of {} slots in use", slots, options.sessions_max);
    hint = fmt::format(
        "Give sessions back sooner, {}, or wait longer.",
        GroupIsShort(shortage, slots)
            ? RaiseGroupHint(*options.group)
            : fmt::format("raise the limit (ALTER REDSHIFT CONNECTION {} SET MAX_CONCURRENT_CONNECTIONS = n)",
                          base::QuoteIdentifier(options.connection_name)));
  }
  why += " " + CapText(options);
  if (options.group) why += GroupText(*options.group, shortage.group_slots);
  if (shortage.stats.opening > 0) why += fmt::format(", {} of them logging in", shortage.stats.opening);
  why += fmt::format(", {} waiting", shortage.stats.waiting);
  if (shortage.stats.waiting > 1) why += fmt::format(", you were {}", OrdinalText(shortage.place));

  if (const auto others = shortage.line.waiting; others > 0) {
    why += fmt::format(", {} other {} waiting", others, others == 1 ? "process" : "processes");
  }
  std::string detail = SlotHoldersText(GroupIsShort(shortage, slots) ? shortage.group_slots : shortage.slots);
  if (const std::string own = HoldersText(shortage.longest); !own.empty()) {
    detail += detail.empty() ? own : "; in this process " + own;
  }

  return Error{.code = ErrorCode::kResourceExhausted,
               .message = fmt::format("connection \"{}\": no session within {}; {}", options.connection_name,
                                      SpanText(shortage.waited), why),
               .detail = std::move(detail),
               .hint = std::move(hint)};
}

std::string WaitingText(const Shortage& shortage) {
  const PoolOptions& options = shortage.options;
  const auto others = std::count_if(shortage.slots.begin(), shortage.slots.end(),
                                    [](const SlotFacts& slot) { return slot.alive && !slot.own; });
  const std::size_t slots = SlotsOf(shortage.stats) + static_cast<std::size_t>(others);
  // A narrow screen cuts the line: what keeps the caller waiting comes first.
  std::string text = fmt::format("\"{}\": {} in line, {} of {} slots in use", options.connection_name,
                                 OrdinalText(shortage.place + shortage.process_place - 1), slots, options.sessions_max);
  if (shortage.paused) text += "; " + PausedText(*options.pause);
  const auto& theirs = GroupIsShort(shortage, slots) ? shortage.group_slots : shortage.slots;
  if (const std::string holders = SlotHoldersText(theirs); !holders.empty()) text += "; " + holders;
  if (const std::string own = HoldersText(shortage.longest); !own.empty()) text += "; in this process " + own;
  if (options.group) text += GroupText(*options.group, shortage.group_slots);
  if (const auto& last = shortage.gate.last_error(); last) text += fmt::format("; logins fail ({})", last->message);
  return text;
}

Error TooManyWaitersError(const PoolOptions& options) {
  return Error{.code = ErrorCode::kLimitExceeded,
               .message = fmt::format("connection \"{}\": {} callers wait for a session already (MAX_WAITERS = {})",
                                      options.connection_name, options.waiters_max, options.waiters_max),
               .detail = fmt::format("The sessions are {} at most {}.", options.sessions_max, CapText(options)),
               .hint = "Try again later, or start less at once."};
}

Error DroppedError(const PoolOptions& options) {
  return Error{.code = ErrorCode::kNotFound,
               .message = fmt::format("connection \"{}\" was dropped", options.connection_name)};
}

Error CancelledError(const PoolOptions& options) {
  return Error{
      .code = ErrorCode::kCancelled,
      .message = fmt::format("cancelled while waiting for a session of connection \"{}\"", options.connection_name)};
}

Error SuspendedError(const PoolOptions& options, const LoginGate& gate) {
  return Error{.code = ErrorCode::kUnauthenticated,
               .message = fmt::format("connection \"{}\" is {}", options.connection_name, SuspendedText(gate)),
               .detail = gate.last_error() ? "The last one said: " + gate.last_error()->message : "",
               .hint = FixLoginHint(options),
               .sqlstate = gate.refused_sqlstate()};
}

Error PausedError(const PoolOptions& options) {
  return Error{.code = ErrorCode::kFailedPrecondition,
               .message = fmt::format("connection \"{}\" is {}", options.connection_name, PausedText(*options.pause)),
               .hint = ResumeHint(options)};
}

Error StillInUseError(const PoolOptions& options, const PoolStats& stats, const std::vector<Holder>& longest) {
  return Error{
      .code = ErrorCode::kDeadlineExceeded,
      .message = fmt::format("connection \"{}\": {} sessions are still open ({} in use, {} logging in, {} closing)",
                             options.connection_name, SlotsOf(stats), stats.leased, stats.opening, stats.closing),
      .detail = HoldersText(longest),
      .hint = "They are closed when they are given back."};
}

Error ForkedError() {
  return Error{.code = ErrorCode::kFailedPrecondition,
               .message = "this process was forked from one that uses Berth: its sessions and slots are the parent's",
               .hint = "Open the engine in the child itself, after the fork."};
}

Error NoThreadError(const PoolOptions& options) {
  return Error{
      .code = ErrorCode::kInternal,
      .message = fmt::format("connection \"{}\": the system gives no thread to log in with", options.connection_name),
      .hint = "Raise the limit on threads or processes (ulimit -u)."};
}

}  // namespace berth::pool
