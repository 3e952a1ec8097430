#include "engine/load_errors.h"

#include <fmt/core.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/try.h"
#include "berth/rows.h"
#include "engine/sql_texts.h"

namespace berth::engine {
namespace {

constexpr std::string_view kTable = "stl_load_errors";
constexpr std::size_t kColumns = 7;  // of load_errors.sql

void AddLine(std::string& text, std::string_view line) {
  if (!text.empty()) text += '\n';
  text += line;
}

// On one line and not too long; cut at the start of a character.
std::string Value(const Field& field) {
  std::string_view text = field.value_or("");
  const bool cut = text.size() > kLoadErrorValueMax;
  if (cut) {
    std::size_t end = kLoadErrorValueMax;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end);
  }
  std::string value;
  for (const char c : text) value += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  return cut ? value + ".." : value;
}

std::string Line(std::span<const Field> row) {
  std::string column;
  if (row[2] && !row[2]->empty())
    column = fmt::format(", column {} ({}), value '{}'", Value(row[2]), Value(row[3]), Value(row[4]));
  return fmt::format("{}, line {}{}: {} (error {})", Value(row[0]), Value(row[1]), column, Value(row[6]),
                     Value(row[5]));
}

Result<std::string> Ask(session::Session& session, Deadline deadline) {
  BERTH_ASSIGN(const auto rows, session.Execute(SqlText("load_errors.sql"), {}, deadline));
  std::string lines;
  for (std::size_t count = 0;; ++count) {
    BERTH_ASSIGN(const auto row, rows->Next());
    if (!row) return lines;
    if (row->size() != kColumns) {
      return Error{.code = ErrorCode::kInternal,
                   .message = fmt::format("load_errors.sql gave {} columns, not {}", row->size(), kColumns)};
    }
    if (count < kLoadErrorsMax) AddLine(lines, Line(*row));
    if (count == kLoadErrorsMax) AddLine(lines, fmt::format("More are in {}.", kTable));
  }
}

}  // namespace

Error WithLoadErrors(Error error, session::Session& session, const Clock& clock, Deadline deadline) {
  if (error.code != ErrorCode::kServer || !session.server().redshift) return error;
  if (error.message.find(kTable) == std::string::npos) return error;
  if (session.state() != session::SessionState::kIdle) {
    AddLine(error.hint, fmt::format("After ROLLBACK: SELECT * FROM {} WHERE session = {} ORDER BY starttime DESC.",
                                    kTable, session.server().backend_pid));
    return error;
  }
  auto lines = Ask(session, deadline.Sooner(Deadline::After(clock, kLoadErrorsWait)));
  if (lines.ok()) {
    if (!lines.value().empty()) AddLine(error.detail, lines.value());
    return error;
  }
  AddLine(error.hint, fmt::format("{} could not be read: {}", kTable, lines.error().message));
  if (lines.error().session_fate == SessionFate::kDiscard) error.session_fate = SessionFate::kDiscard;
  return error;
}

}  // namespace berth::engine
