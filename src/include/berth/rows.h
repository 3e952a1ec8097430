#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"

namespace berth {

// How a value is written where a format knows kinds (JSON numbers, right alignment).
enum class ValueKind : std::uint8_t { kText, kBoolean, kInteger, kFloat, kNumeric };

struct Column {
  std::string name;
  std::uint32_t type_oid = 25;      // as the server numbers it; 25 is text
  std::int32_t type_modifier = -1;  // -1: none
  ValueKind kind = ValueKind::kText;
  std::uint32_t table_oid = 0;    // of the table that a plain column comes from; 0: an expression
  std::int32_t table_column = 0;  // its number there, from 1
};

using Field = std::optional<std::string_view>;  // nullopt is SQL NULL
using Parameters = std::span<const std::optional<std::string>>;

struct CommandTag {
  std::string text;                  // "CREATE CONNECTION", "INSERT 0 3"
  std::optional<std::int64_t> rows;  // rows affected or returned, where the command counts them
};

struct Notice {
  std::string severity;  // "NOTICE", "WARNING", ...
  std::string sqlstate;
  std::string message;
  std::string detail;
  std::string hint;
};
using NoticeSink = std::function<void(const Notice&)>;

// What a client sends to COPY .. FROM STDIN: each call gives the next bytes, which must stay until the next call; none:
// that was all. An error undoes the COPY, whose error it becomes. Called on the thread that executes; it may not use
// the conversation.
using ClientData = std::function<Result<std::string_view>()>;

// The results of one statement as they arrive, one after the other: each has columns, rows, then a tag. A result
// without rows (CREATE, INSERT) has no columns. Owns the lease of its session until it is destroyed; destroying it
// early cancels what still runs. One thread at a time.
class RowSource {
 public:
  virtual ~RowSource() = default;
  // Of the current result.
  virtual std::span<const Column> columns() const = 0;
  // The fields are valid until the next call; nullopt ends the current result. After an error there is no more.
  virtual Result<std::optional<std::span<const Field>>> Next() = 0;
  // Valid once Next() has returned nullopt.
  virtual const CommandTag& tag() const = 0;
  // Moves to the next result of the same text (a pass-through text may hold several statements); false: there is none.
  // To be called only once Next() has returned nullopt.
  virtual Result<bool> NextResult() = 0;
};
// What Execute returns; never null.
using Outcome = std::unique_ptr<RowSource>;

}  // namespace berth
