#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "berth/engine.h"
#include "shell/console.h"
#include "shell/output.h"
#include "support/manual_clock.h"

namespace berth::shell::test {

using Values = std::vector<std::optional<std::string>>;

// One result: columns, rows, then a tag or an error.
struct FakeResult {
  std::vector<Column> columns;
  std::vector<Values> rows;
  std::string tag;
  std::optional<Error> error;  // after the rows
};

class FakeRows final : public RowSource {
 public:
  explicit FakeRows(std::vector<FakeResult> results) : results_(std::move(results)) { tag_.text = results_[0].tag; }
  std::span<const Column> columns() const override { return results_[at_].columns; }
  Result<std::optional<std::span<const Field>>> Next() override {
    const auto& result = results_[at_];
    if (row_ == result.rows.size()) {
      if (result.error) return *result.error;
      return std::optional<std::span<const Field>>();
    }
    fields_.clear();
    for (const auto& value : result.rows[row_]) fields_.push_back(value ? Field(*value) : std::nullopt);
    ++row_;
    return std::optional<std::span<const Field>>(fields_);
  }
  const CommandTag& tag() const override { return tag_; }
  Result<bool> NextResult() override {
    if (at_ + 1 == results_.size()) return false;
    row_ = 0;
    tag_.text = results_[++at_].tag;
    return true;
  }

 private:
  std::vector<FakeResult> results_;
  std::size_t at_ = 0;
  std::size_t row_ = 0;
  std::vector<Field> fields_;
  CommandTag tag_;
};

// Answers each text with what a test has laid down for it, an unknown text with the tag OK; remembers what came.
class FakeConversation final : public Conversation {
 public:
  Result<Outcome> Execute(std::string_view text, Parameters, Deadline deadline) override {
    executed.emplace_back(text);
    deadlines.push_back(deadline);
    if (sink) {
      for (const auto& notice : notices) sink(notice);
    }
    if (on_execute) on_execute();
    if (const auto error = errors.find(text); error != errors.end()) return error->second;
    if (const auto found = results.find(text); found != results.end()) {
      return Outcome(std::make_unique<FakeRows>(found->second));
    }
    return Outcome(std::make_unique<FakeRows>(std::vector<FakeResult>{{.tag = "OK"}}));
  }
  Result<Outcome> Pass(std::string_view text, Parameters parameters, Deadline deadline) override {
    return Execute(text, parameters, deadline);
  }
  Result<SessionFacts> Connect(Deadline) override { return facts.value_or(SessionFacts{}); }
  Status Use(std::string_view connection) override {
    for (const auto& name : connections) {
      if (name != connection) continue;
      now.connection = name;
      return {};
    }
    return Error{.code = ErrorCode::kNotFound,
                 .message = "connection \"" + std::string(connection) + "\" does not exist"};
  }
  void Cancel() override { ++cancels; }
  ConversationState state() const override { return now; }
  std::optional<SessionFacts> session() const override { return facts; }
  void Serve(ServedUser /*user*/) override {}
  void SetNoticeSink(NoticeSink to) override { sink = std::move(to); }
  void SetWaitingSink(WaitingSink /*sink*/) override {}
  void SetStepSink(StepSink /*sink*/) override {}
  void SetClientData(ClientData /*data*/) override {}

  std::map<std::string, std::vector<FakeResult>, std::less<>> results;
  std::map<std::string, Error, std::less<>> errors;
  std::vector<Notice> notices;
  std::vector<std::string> connections;
  std::function<void()> on_execute;
  ConversationState now;
  std::optional<SessionFacts> facts;

  std::vector<std::string> executed;
  std::vector<Deadline> deadlines;
  std::atomic<int> cancels = 0;
  NoticeSink sink;
};

// An Output whose bytes can be read back.
class Captured {
 public:
  Captured() : fd_(::memfd_create("captured", MFD_CLOEXEC)), output_(std::make_unique<Output>(fd_)) {}
  Captured(const Captured&) = delete;
  Captured& operator=(const Captured&) = delete;
  ~Captured() {
    output_.reset();
    ::close(fd_);
  }
  Output& output() { return *output_; }
  std::string Text() {
    output_->Flush();
    std::string text(static_cast<std::size_t>(::lseek(fd_, 0, SEEK_END)), '\0');
    const auto got = ::pread(fd_, text.data(), text.size(), 0);
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return text;
  }

 private:
  int fd_;
  std::unique_ptr<Output> output_;
};

// A console on fakes.
struct FakeConsole {
  FakeConversation conversation;
  berth::test::ManualClock clock;
  Interrupts interrupts;
  Captured out, err;
  Console console{.conversation = conversation,
                  .catalog_name = "sqlite:/tmp/c.db",
                  .clock = clock,
                  .interrupts = interrupts,
                  .out = out.output(),
                  .err = err.output()};
};

inline Column Text(std::string name) {
  return {.name = std::move(name)};
}
inline Column Integer(std::string name) {
  return {.name = std::move(name), .type_oid = 23, .kind = ValueKind::kInteger};
}

// All that a format writes for one result.
inline std::string Formatted(const FormatOptions& options, const std::vector<Column>& columns,
                             const std::vector<Values>& rows) {
  Captured out;
  const auto format = MakeFormatter(options, out.output());
  format->Begin(columns);
  for (const auto& row : rows) {
    std::vector<Field> fields;
    for (const auto& value : row) fields.push_back(value ? Field(*value) : std::nullopt);
    format->Row(fields);
  }
  format->End();
  return out.Text();
}

}  // namespace berth::shell::test
