#pragma once

// Berth's C++20 face: header only, on the C interface alone, so that no type of the library's own meets the program's.
//
//   auto engine = berth::cpp::Engine::Open({.catalog = "sqlite:/var/lib/etl/catalog.db"});
//   auto conversation = engine.NewConversation();
//   conversation.Use("warehouse");
//   for (const auto& row : conversation.Execute("SELECT id, miles FROM trips WHERE id > $1", {"7"}))
//     Use(row.Get<std::int64_t>(0), row.Get<std::optional<double>>(1));
//
// Errors are thrown as berth::cpp::Error by the functions with plain names; those whose names begin with Try return
// them instead, and throw nothing but std::bad_alloc. Threads and lifetimes: as berth.h says.
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "berth/berth.h"

namespace berth::cpp {

class Error : public std::runtime_error {
 public:
  // Takes the C error over.
  Error(int code, berth_error* error)
      : std::runtime_error(error == nullptr ? "error " + std::to_string(code) : berth_error_message(error)),
        code_(code) {
    if (error == nullptr) return;
    sqlstate_ = berth_error_sqlstate(error);
    detail_ = berth_error_detail(error);
    hint_ = berth_error_hint(error);
    in_doubt_ = berth_error_in_doubt(error) != 0;
    berth_error_free(error);
  }
  int code() const noexcept { return code_; }  // a berth_code
  const std::string& sqlstate() const noexcept { return sqlstate_; }
  const std::string& detail() const noexcept { return detail_; }
  const std::string& hint() const noexcept { return hint_; }
  bool in_doubt() const noexcept { return in_doubt_; }

 private:
  int code_;
  std::string sqlstate_, detail_, hint_;
  bool in_doubt_ = false;
};

struct Nothing {};

// A value or an error, for those who do not want exceptions.
template <class T = Nothing>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)
  explicit operator bool() const noexcept { return state_.index() == 0; }
  T& operator*() & { return std::get<0>(state_); }
  T* operator->() { return &std::get<0>(state_); }
  const Error& error() const { return std::get<1>(state_); }
  // The value, or the error as an exception.
  T Take() && {
    if (state_.index() == 1) throw std::get<1>(std::move(state_));
    return std::get<0>(std::move(state_));
  }

 private:
  std::variant<T, Error> state_;
};

using Field = std::optional<std::string_view>;  // nullopt is SQL NULL
using Parameter = std::optional<std::string_view>;

namespace detail {

inline berth_text Text(std::string_view text) {
  return {text.data() == nullptr ? "" : text.data(), text.size()};
}
inline std::vector<berth_text> Texts(std::span<const Parameter> parameters) {
  std::vector<berth_text> texts;
  texts.reserve(parameters.size());
  for (const auto& parameter : parameters) texts.push_back(parameter ? Text(*parameter) : berth_text{nullptr, 0});
  return texts;
}
// Calls a C function whose last argument is the error.
template <class Function, class... Arguments>
Result<> Call(Function function, Arguments... arguments) {
  berth_error* error = nullptr;
  const int code = function(arguments..., &error);
  if (code != BERTH_OK) return Error(code, error);
  return Nothing{};
}
template <auto Close>
struct Closer {
  template <class T>
  void operator()(T* handle) const noexcept {
    Close(handle);
  }
};

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

// False: not one, or it does not fit.
template <class T>
bool Read(const berth_text& field, T& value) {
  if constexpr (std::same_as<T, std::string_view> || std::same_as<T, std::string>) {
    value = T(field.data, field.length);
    return true;
  } else if constexpr (std::same_as<T, bool>) {
    std::int32_t read = 0;
    const bool good = berth_text_boolean(field, &read) == BERTH_OK;
    value = read != 0;
    return good;
  } else if constexpr (std::integral<T>) {
    std::int64_t read = 0;
    const bool good = berth_text_int64(field, &read) == BERTH_OK && std::in_range<T>(read);
    value = static_cast<T>(read);
    return good;
  } else {
    static_assert(std::floating_point<T>, "a field is a bool, an integer, a float or a text");
    double read = 0;
    const bool good = berth_text_double(field, &read) == BERTH_OK;
    value = static_cast<T>(read);
    return good;
  }
}

}  // namespace detail

// A row of fields, valid until the next one is read.
class Row {
 public:
  Row() = default;
  Row(const berth_text* fields, std::size_t count) : fields_(fields), count_(count) {}
  std::size_t size() const noexcept { return count_; }
  Field operator[](std::size_t index) const {
    const auto& field = fields_[index];
    return field.data == nullptr ? Field() : Field(std::string_view(field.data, field.length));
  }
  // As bool, an integer, a float, a string (view), or a std::optional of one, where NULL may stand. Throws where the
  // field is something else.
  template <class T>
  T Get(std::size_t index) const {
    return TryGet<T>(index).Take();
  }
  template <class T>
  Result<T> TryGet(std::size_t index) const {
    const auto& field = fields_[index];
    if constexpr (detail::IsOptional<T>::value) {
      if (field.data == nullptr) return T();
      typename T::value_type value{};
      if (detail::Read(field, value)) return T(std::move(value));
    } else {
      T value{};
      if (field.data != nullptr && detail::Read(field, value)) return value;
    }
    return Error(BERTH_INVALID_ARGUMENT, nullptr);
  }

 private:
  const berth_text* fields_ = nullptr;
  std::size_t count_ = 0;
};

// The results of one statement as they arrive. Closing them early cancels what still runs.
class Rows {
 public:
  explicit Rows(berth_rows* rows) : rows_(rows) {}

  std::size_t column_count() const noexcept { return berth_rows_column_count(rows_.get()); }
  // `index` is below column_count().
  berth_column column(std::size_t index) const noexcept {
    berth_column column{};
    static_cast<void>(berth_rows_column(rows_.get(), index, &column));
    return column;
  }
  Result<std::optional<Row>> TryNext() {
    const berth_text* fields = nullptr;
    berth_error* error = nullptr;
    const int code = berth_rows_next(rows_.get(), &fields, &error);
    if (code == BERTH_ROW) return std::optional<Row>(Row(fields, column_count()));
    if (code == BERTH_DONE) return std::optional<Row>();
    return Error(code, error);
  }
  std::optional<Row> Next() { return TryNext().Take(); }
  // The rest is read; true: the text had one more statement.
  Result<bool> TryNextResult() {
    for (;;) {
      auto row = TryNext();
      if (!row) return row.error();
      if (!*row) break;
    }
    berth_error* error = nullptr;
    const int code = berth_rows_next_result(rows_.get(), &error);
    if (code != BERTH_ROW && code != BERTH_DONE) return Error(code, error);
    return code == BERTH_ROW;
  }
  bool NextResult() { return TryNextResult().Take(); }
  std::string tag() const { return berth_rows_tag(rows_.get()); }
  std::int64_t affected() const noexcept { return berth_rows_affected(rows_.get()); }
  // `stream`: a struct ArrowArrayStream, which takes the rows over.
  Result<> TryToArrow(void* stream) && { return detail::Call(berth_rows_to_arrow, rows_.release(), stream); }
  void ToArrow(void* stream) && { std::move(*this).TryToArrow(stream).Take(); }

  // Reads as it goes, and throws.
  class Iterator {
   public:
    using value_type = Row;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    explicit Iterator(Rows* rows) : rows_(rows) { ++*this; }
    const Row& operator*() const { return row_; }
    Iterator& operator++() {
      const auto row = rows_->Next();
      row_ = row.value_or(Row());
      if (!row) rows_ = nullptr;
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return rows_ == nullptr; }

   private:
    Rows* rows_ = nullptr;
    Row row_;
  };
  Iterator begin() { return Iterator(this); }
  std::default_sentinel_t end() const { return {}; }

 private:
  std::unique_ptr<berth_rows, detail::Closer<berth_rows_close>> rows_;
};

using Timeout = std::chrono::milliseconds;  // of a whole statement; 0: none

// A statement to be run with other parameters each time.
class Prepared {
 public:
  explicit Prepared(berth_prepared* prepared) : prepared_(prepared) {}
  Result<Rows> TryExecute(std::span<const Parameter> parameters, Timeout timeout = {}) {
    const auto texts = detail::Texts(parameters);
    berth_rows* rows = nullptr;
    auto done = detail::Call(berth_prepared_execute, prepared_.get(), texts.data(), texts.size(),
                             std::int64_t{timeout.count()}, &rows);
    if (!done) return done.error();
    return Rows(rows);
  }
  Rows Execute(std::span<const Parameter> parameters, Timeout timeout = {}) {
    return TryExecute(parameters, timeout).Take();
  }
  Rows Execute(std::initializer_list<Parameter> parameters, Timeout timeout = {}) {
    return Execute(std::span<const Parameter>(parameters.begin(), parameters.size()), timeout);
  }

 private:
  std::unique_ptr<berth_prepared, detail::Closer<berth_prepared_close>> prepared_;
};

struct Job {
  std::string name, connection, body;  // `connection` may be empty
  std::string comment = {};
  bool or_replace = false;
};

// What one caller keeps between statements; one thread, but for Cancel().
class Conversation {
 public:
  explicit Conversation(berth_conversation* conversation) : conversation_(conversation) {}

  Result<> TryUse(const std::string& connection) {
    return detail::Call(berth_conversation_use, get(), connection.c_str());
  }
  void Use(const std::string& connection) { TryUse(connection).Take(); }

  // Takes a session on lease and keeps it; its texts are valid until the next call.
  Result<berth_session> TryConnect(Timeout timeout = {}) {
    berth_session session{};
    session.struct_size = sizeof session;
    auto done = detail::Call(berth_conversation_connect, get(), std::int64_t{timeout.count()}, &session);
    if (!done) return done.error();
    return session;
  }
  berth_session Connect(Timeout timeout = {}) { return TryConnect(timeout).Take(); }

  Result<Rows> TryExecute(std::string_view text, std::span<const Parameter> parameters = {}, Timeout timeout = {}) {
    return Run(text, parameters, timeout, false);
  }
  Rows Execute(std::string_view text, std::span<const Parameter> parameters = {}, Timeout timeout = {}) {
    return TryExecute(text, parameters, timeout).Take();
  }
  Rows Execute(std::string_view text, std::initializer_list<Parameter> parameters, Timeout timeout = {}) {
    return Execute(text, std::span<const Parameter>(parameters.begin(), parameters.size()), timeout);
  }
  // As Execute, but the text goes to the connection in use whatever it says.
  Result<Rows> TryPass(std::string_view text, std::span<const Parameter> parameters = {}, Timeout timeout = {}) {
    return Run(text, parameters, timeout, true);
  }
  Rows Pass(std::string_view text, std::span<const Parameter> parameters = {}, Timeout timeout = {}) {
    return TryPass(text, parameters, timeout).Take();
  }
  // Runs it to its end; the rows that its last command counted, -1 where it counts none.
  Result<std::int64_t> TryRun(std::string_view text, std::span<const Parameter> parameters = {}, Timeout timeout = {}) {
    auto rows = TryExecute(text, parameters, timeout);
    if (!rows) return rows.error();
    for (;;) {
      for (;;) {
        auto row = rows->TryNext();
        if (!row) return row.error();
        if (!*row) break;
      }
      const auto affected = rows->affected();
      auto more = rows->TryNextResult();
      if (!more) return more.error();
      if (!*more) return affected;
    }
  }
  std::int64_t Run(std::string_view text, std::initializer_list<Parameter> parameters = {}, Timeout timeout = {}) {
    return TryRun(text, std::span<const Parameter>(parameters.begin(), parameters.size()), timeout).Take();
  }
  Prepared Prepare(std::string_view text) {
    berth_prepared* prepared = nullptr;
    detail::Call(berth_prepare, get(), detail::Text(text), &prepared).Take();
    return Prepared(prepared);
  }

  Result<> TryDropTable(const std::string& connection, const std::string& schema, const std::string& table) {
    return detail::Call(berth_drop_table, get(), connection.c_str(), schema.c_str(), table.c_str());
  }
  void DropTable(const std::string& connection, const std::string& schema, const std::string& table) {
    TryDropTable(connection, schema, table).Take();
  }
  Result<> TryAttachTable(const std::string& connection, const std::string& schema, const std::string& table) {
    return detail::Call(berth_attach_table, get(), connection.c_str(), schema.c_str(), table.c_str());
  }
  void AttachTable(const std::string& connection, const std::string& schema, const std::string& table) {
    TryAttachTable(connection, schema, table).Take();
  }
  Result<> TryDetachTable(const std::string& connection, const std::string& schema, const std::string& table) {
    return detail::Call(berth_detach_table, get(), connection.c_str(), schema.c_str(), table.c_str());
  }
  void DetachTable(const std::string& connection, const std::string& schema, const std::string& table) {
    TryDetachTable(connection, schema, table).Take();
  }
  Result<> TryCreateJob(const Job& job) {
    berth_job given{};
    given.struct_size = sizeof given;
    given.name = job.name.c_str();
    given.connection = job.connection.empty() ? nullptr : job.connection.c_str();
    given.body = job.body.c_str();
    given.comment = job.comment.empty() ? nullptr : job.comment.c_str();
    given.or_replace = job.or_replace ? 1 : 0;
    return detail::Call(berth_create_job, get(), &given);
  }
  void CreateJob(const Job& job) { TryCreateJob(job).Take(); }
  Result<> TryDropJob(const std::string& job) { return detail::Call(berth_drop_job, get(), job.c_str()); }
  void DropJob(const std::string& job) { TryDropJob(job).Take(); }
  Result<> TryAttachJob(const std::string& job, const std::vector<std::string>& connections) {
    std::vector<const char*> names;
    for (const auto& connection : connections) names.push_back(connection.c_str());
    return detail::Call(berth_attach_job, get(), job.c_str(), names.data(), names.size());
  }
  void AttachJob(const std::string& job, const std::vector<std::string>& connections) {
    TryAttachJob(job, connections).Take();
  }
  Result<> TryDetachJob(const std::string& job) { return detail::Call(berth_detach_job, get(), job.c_str()); }
  void DetachJob(const std::string& job) { TryDetachJob(job).Take(); }

  void Cancel() noexcept { berth_conversation_cancel(get()); }  // from any thread
  bool in_transaction() const noexcept { return berth_conversation_in_transaction(get()) != 0; }
  berth_conversation* get() const noexcept { return conversation_.get(); }

 private:
  Result<Rows> Run(std::string_view text, std::span<const Parameter> parameters, Timeout timeout, bool pass) {
    const auto texts = detail::Texts(parameters);
    berth_statement statement{};
    statement.struct_size = sizeof statement;
    statement.text = detail::Text(text);
    statement.parameters = texts.data();
    statement.parameter_count = texts.size();
    statement.timeout_ms = timeout.count();
    statement.pass = pass ? 1 : 0;
    berth_rows* rows = nullptr;
    auto done = detail::Call(berth_execute, get(), &statement, &rows);
    if (!done) return done.error();
    return Rows(rows);
  }

  std::unique_ptr<berth_conversation, detail::Closer<berth_conversation_close>> conversation_;
};

// May be called from many threads at once; must not use the library.
using LogSink = std::function<void(berth_log_level level, std::string_view line)>;

struct OpenOptions {
  std::string catalog;        // "sqlite:PATH"
  std::string key_file = {};  // empty: beside the catalog
  std::string program = "libberth";
  LogSink log = {};  // empty: nothing is logged
  berth_log_level log_level = BERTH_LOG_WARN;
};

// Safe from many threads.
class Engine {
 public:
  static Result<Engine> TryOpen(const OpenOptions& options) {
    auto log = std::make_unique<LogSink>(options.log);
    berth_open_options given{};
    given.struct_size = sizeof given;
    given.catalog = options.catalog.c_str();
    given.key_file = options.key_file.empty() ? nullptr : options.key_file.c_str();
    given.program = options.program.c_str();
    given.log_level = options.log_level;
    if (*log) {
      given.log_context = log.get();
      given.log_sink = [](void* context, int level, const char* line) {
        (*static_cast<LogSink*>(context))(static_cast<berth_log_level>(level), line);
      };
    }
    berth_engine* engine = nullptr;
    auto done = detail::Call(berth_engine_open, &given, &engine);
    if (!done) return done.error();
    return Engine(engine, std::move(log));
  }
  static Engine Open(const OpenOptions& options) { return TryOpen(options).Take(); }

  // Where there is a log, the engine must outlive what it made: the sink is its own.
  Conversation NewConversation() const {
    berth_conversation* conversation = nullptr;
    detail::Call(berth_conversation_open, engine_.get(), &conversation).Take();
    return Conversation(conversation);
  }
  // One statement on any session of `connection` (empty: on the catalog); many threads may do so at once.
  Result<Rows> TryExecute(const std::string& connection, std::string_view text,
                          std::span<const Parameter> parameters = {}, Timeout timeout = {}) const {
    const auto texts = detail::Texts(parameters);
    berth_statement statement{};
    statement.struct_size = sizeof statement;
    statement.text = detail::Text(text);
    statement.parameters = texts.data();
    statement.parameter_count = texts.size();
    statement.timeout_ms = timeout.count();
    berth_rows* rows = nullptr;
    auto done = detail::Call(berth_engine_execute, engine_.get(), connection.empty() ? nullptr : connection.c_str(),
                             &statement, &rows);
    if (!done) return done.error();
    return Rows(rows);
  }
  Rows Execute(const std::string& connection, std::string_view text, std::span<const Parameter> parameters = {},
               Timeout timeout = {}) const {
    return TryExecute(connection, text, parameters, timeout).Take();
  }

 private:
  Engine(berth_engine* engine, std::unique_ptr<LogSink> log) : log_(std::move(log)), engine_(engine) {}
  std::unique_ptr<LogSink> log_;  // outlives the engine
  std::unique_ptr<berth_engine, detail::Closer<berth_engine_close>> engine_;
};

}  // namespace berth::cpp
