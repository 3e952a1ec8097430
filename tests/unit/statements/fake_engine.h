#pragma once

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "berth/engine.h"

namespace berth::statements {

// A result of `count` rows of one number, or a tag alone.
class NumberRows final : public RowSource {
 public:
  NumberRows(std::string tag, std::size_t count, bool rows) : count_(count) {
    tag_.text = std::move(tag);
    if (!rows) return;
    columns_.push_back({.name = "n", .type_oid = 23});
    tag_.rows = static_cast<std::int64_t>(count);
  }
  std::span<const Column> columns() const override { return columns_; }
  Result<std::optional<std::span<const Field>>> Next() override {
    if (columns_.empty() || at_ == count_) return std::optional<std::span<const Field>>();
    text_ = std::to_string(at_++);
    field_ = text_;
    return std::optional(std::span<const Field>(&field_, 1));
  }
  const CommandTag& tag() const override { return tag_; }
  Result<bool> NextResult() override { return false; }

 private:
  std::vector<Column> columns_;
  CommandTag tag_;
  std::size_t count_, at_ = 0;
  std::string text_;
  Field field_;
};

// An engine whose server understands "rows N", "fail", "lose" (the session), "block" (until Release or a cancellation)
// and any other text as a command. Safe from many threads; must outlive its conversations.
class FakeEngine final : public Engine {
 public:
  std::vector<ConnectionFacts> connections{{.id = 1, .name = "wh", .database = "dev", .user = "u", .sessions_max = 5}};

  std::vector<Secret> sealing_keys{Secret(std::string(32, 'k'))};
  std::map<std::string, AccessKeyFacts, std::less<>> keys;  // by id
  std::map<std::string, int> uses;                          // notes, by key
  std::vector<GrantFacts> grants;

  std::unique_ptr<Conversation> NewConversation() override { return std::make_unique<Talk>(*this); }
  Result<Outcome> Execute(std::string_view, std::string_view, Parameters, Deadline) override {
    return Error{.message = "not here"};
  }
  Result<std::unique_ptr<Reservation>> Reserve(const ReserveRequest&) override { return Error{.message = "not here"}; }
  Result<std::vector<ConnectionFacts>> Connections() override { return connections; }
  Result<std::int64_t> CatalogVersion() override { return version; }
  Result<std::vector<Secret>> SealingKeys() override { return sealing_keys; }
  Result<std::optional<AccessKeyFacts>> FindAccessKey(std::string_view id) override {
    const auto found = keys.find(id);
    return found == keys.end() ? std::optional<AccessKeyFacts>() : std::optional(found->second);
  }
  Status NoteKeyUse(std::string_view id, Clock::Wall) override {
    ++uses[std::string(id)];
    return {};
  }
  Result<std::vector<GrantFacts>> Grants() override { return grants; }
  Result<BackupReport> BackUp(const std::string&, bool) override { return Error{.message = "not here"}; }
  Result<RekeyReport> ChangeKey() override { return Error{.message = "not here"}; }
  Result<CheckReport> Check(Deadline) override { return Error{.message = "not here"}; }
  std::string CatalogName() const override { return "fake"; }

  void Release() {
    const std::lock_guard lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }
  std::size_t blocked() const {
    const std::lock_guard lock(mutex_);
    return blocked_;
  }
  std::size_t open() const {
    const std::lock_guard lock(mutex_);
    return open_;
  }
  std::size_t open_most() const {
    const std::lock_guard lock(mutex_);
    return open_most_;
  }
  // "pid text", in the order in which they came, with their parameters.
  std::vector<std::string> texts() const {
    const std::lock_guard lock(mutex_);
    return texts_;
  }

  std::int64_t version = 1;
  std::optional<Error> login_error;               // of every login
  std::function<void(std::string_view)> on_text;  // before a text has any effect

 private:
  class Talk final : public Conversation {
   public:
    explicit Talk(FakeEngine& engine) : engine_(engine) {}
    ~Talk() override { Close(); }
    // What is read as Berth's own says so.
    Result<Outcome> Execute(std::string_view text, Parameters parameters, Deadline deadline) override {
      return Pass("own " + served_ + ": " + std::string(text), parameters, deadline);
    }
    void Serve(ServedUser user) override { served_ = user.name + (user.known ? "" : "?"); }
    Result<Outcome> Pass(std::string_view text, Parameters parameters, Deadline) override {
      if (engine_.on_text) engine_.on_text(text);
      std::unique_lock lock(engine_.mutex_);
      std::string seen = std::to_string(pid_) + " " + std::string(text);
      for (const auto& value : parameters) seen += " [" + value.value_or("NULL") + "]";
      engine_.texts_.push_back(seen);
      if (text == "fail") return Error{.code = ErrorCode::kServer, .message = "it failed"};
      if (text == "lose") {
        lost_ = true;
        return Error{.code = ErrorCode::kSessionLost, .message = "the session was lost", .in_doubt = true};
      }
      if (text == "block") {
        ++engine_.blocked_;
        cancelled_ = false;
        running_ = true;
        engine_.changed_.wait(lock, [this] { return engine_.released_ || cancelled_; });
        running_ = false;
        --engine_.blocked_;
        if (cancelled_) return Error{.code = ErrorCode::kCancelled, .message = "canceling statement"};
      }
      if (text.starts_with("rows ")) {
        return Outcome(std::make_unique<NumberRows>("SELECT", std::stoul(std::string(text.substr(5))), true));
      }
      return Outcome(std::make_unique<NumberRows>(std::string(text), 0, false));
    }
    Result<SessionFacts> Connect(Deadline) override {
      const std::lock_guard lock(engine_.mutex_);
      if (engine_.login_error) return *engine_.login_error;
      if (pid_ == 0 || lost_) {
        if (lost_) --engine_.open_;
        lost_ = false;
        pid_ = ++engine_.last_pid_;
        engine_.open_most_ = std::max(engine_.open_most_, ++engine_.open_);
      }
      return SessionFacts{.connection = "wh", .backend_pid = pid_};
    }
    Status Use(std::string_view connection) override {
      for (const auto& known : engine_.connections) {
        if (known.name == connection) return {};
      }
      return Error{.code = ErrorCode::kNotFound, .message = "no such connection"};
    }
    void Cancel() override {
      const std::lock_guard lock(engine_.mutex_);
      if (running_) cancelled_ = true;
      engine_.changed_.notify_all();
    }
    ConversationState state() const override { return {.connection = "wh", .session_open = pid_ != 0}; }
    std::optional<SessionFacts> session() const override { return std::nullopt; }
    void SetNoticeSink(NoticeSink) override {}
    void SetWaitingSink(WaitingSink /*sink*/) override {}
    void SetStepSink(StepSink /*sink*/) override {}
    void SetClientData(ClientData /*data*/) override {}

   private:
    void Close() {
      const std::lock_guard lock(engine_.mutex_);
      if (pid_ != 0) --engine_.open_;
    }
    FakeEngine& engine_;
    std::string served_;
    std::int32_t pid_ = 0;
    bool lost_ = false, running_ = false, cancelled_ = false;
  };

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool released_ = false;
  std::size_t blocked_ = 0, open_ = 0, open_most_ = 0;
  std::int32_t last_pid_ = 0;
  std::vector<std::string> texts_;
};

}  // namespace berth::statements
