#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace berth {

// What went wrong, in terms that a caller can act on. error_codes.def gives each code its SQLSTATE, HTTP status,
// Data API name, C code and exit status.
enum class ErrorCode : std::uint8_t {
#define BERTH_ERROR(name, number, sqlstate, http, data_api, exit_status) k##name = number,
#include "berth/error_codes.def"
#undef BERTH_ERROR
};

struct ErrorCodeFacts {
  std::string_view name;  // "DependentsExist"
  std::string_view sqlstate;
  int http_status = 500;
  std::string_view data_api_name;
  int exit_status = 1;
};
const ErrorCodeFacts& FactsOf(ErrorCode code);

// Bytes of the statement text that an error points at.
struct SourceSpan {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  friend bool operator==(const SourceSpan&, const SourceSpan&) = default;
};

// Whether the session that reported an error may be used again.
enum class SessionFate : std::uint8_t { kKeep, kDiscard };

// An error is facts, not a class of its own (libpqxx 8 went back on its class tree for good reasons).
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;   // what was refused, which name or limit, and the numbers
  std::string detail;    // may be empty
  std::string hint;      // what to do; may be empty
  std::string sqlstate;  // empty: the code's own; the server's where the server spoke. Read it with Sqlstate()
  std::optional<SourceSpan> span = std::nullopt;  // in the text that was given to Execute
  SessionFate session_fate = SessionFate::kKeep;
  bool in_doubt = false;  // the work may or may not have been committed

  std::string_view Sqlstate() const { return sqlstate.empty() ? FactsOf(code).sqlstate : std::string_view(sqlstate); }
};

// OK is a null pointer, so that success costs one word and no allocation.
class [[nodiscard]] Status {
 public:
  Status() noexcept = default;
  Status(Error error) : error_(std::make_unique<Error>(std::move(error))) {}  // NOLINT(google-explicit-constructor)

  bool ok() const noexcept { return error_ == nullptr; }
  const Error& error() const { return *error_; }
  Error&& TakeError() && { return std::move(*error_); }

 private:
  std::unique_ptr<Error> error_;
};

// A value or an error. Taking the one that is not there throws std::bad_variant_access: a bug, never a control flow.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(Error error)                                                    // NOLINT(google-explicit-constructor)
      : state_(std::in_place_index<1>, std::make_unique<Error>(std::move(error))) {}

  bool ok() const noexcept { return state_.index() == 0; }
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  const Error& error() const { return *std::get<1>(state_); }
  Error&& TakeError() && { return std::move(*std::get<1>(state_)); }

 private:
  std::variant<T, std::unique_ptr<Error>> state_;
};

}  // namespace berth
