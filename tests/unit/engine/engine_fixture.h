#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "berth/engine.h"
#include "catalog/store.h"
#include "engine/catalog_news.h"
#include "engine/conversation.h"
#include "engine/known_connections.h"
#include "engine/shared.h"
#include "engine/watch.h"
#include "pool/pool_set.h"
#include "pool/slot_ledger.h"
#include "support/fake_session.h"
#include "support/manual_clock.h"
#include "support/temp_dir.h"

namespace berth::test {

// One result with one row of one column, or a tag alone.
class FakeRows final : public RowSource {
 public:
  explicit FakeRows(std::string tag, std::optional<std::string> value = std::nullopt)
      : value_(std::move(value)), tag_{.text = std::move(tag), .rows = std::nullopt} {
    if (value_) columns_.push_back({.name = "value"});
  }
  std::span<const Column> columns() const override { return columns_; }
  Result<std::optional<std::span<const Field>>> Next() override {
    if (!value_ || given_) return std::optional<std::span<const Field>>();
    given_ = true;
    field_ = *value_;
    return std::optional<std::span<const Field>>(std::span<const Field>(&field_, 1));
  }
  const CommandTag& tag() const override { return tag_; }
  Result<bool> NextResult() override { return false; }

 private:
  std::optional<std::string> value_;
  CommandTag tag_;
  std::vector<Column> columns_;
  Field field_;
  bool given_ = false;
};

// An engine's parts on a real catalog and a fake server: every text that reaches the server stands in server.events().
struct EngineFixture {
  ManualClock clock;
  TempDir folder;
  EngineOptions options{.catalog_uri = "sqlite:" + (folder / "catalog.db"), .program = "test"};
  FakeFactory server;
  std::unique_ptr<catalog::Store> store = OpenStore();
  std::unique_ptr<pool::SlotLedger> ledger = pool::MakeLocalLedger();
  pool::PoolSet pools{pool::Pool::Environment{server, *ledger, clock}};
  engine::Passwords passwords{clock, [this](std::string_view, std::string_view) -> Result<Secret> {
                                ++prompts;
                                return Secret("typed");
                              }};
  engine::Watch watch{clock};
  engine::KnownConnections known_connections{*store};
  engine::Shared shared{options, clock, *store, pools, passwords, *ledger, news, server, known_connections};
  engine::CatalogNews news{shared, watch};
  std::vector<Notice> notices;
  int prompts = 0;

  EngineFixture() {
    server.OnExecute([](FakeSession& session, std::string_view sql, Parameters, Deadline) -> Result<Outcome> {
      if (sql == "BEGIN") session.SetState(session::SessionState::kInTransaction);
      if (sql == "COMMIT" || sql == "ROLLBACK") session.SetState(session::SessionState::kIdle);
      return Outcome(std::make_unique<FakeRows>(std::string(sql)));
    });
  }

  std::unique_ptr<engine::ConversationImpl> Talk() {
    auto conversation = std::make_unique<engine::ConversationImpl>(shared, watch);
    conversation->SetNoticeSink([this](const Notice& notice) { notices.push_back(notice); });
    return conversation;
  }

  // The error's SQLSTATE and message, or the tag.
  static std::string Say(Conversation& conversation, std::string_view text) {
    auto outcome = conversation.Execute(text, {}, Deadline::Never());
    if (!outcome.ok()) return std::string(outcome.error().Sqlstate()) + " " + outcome.error().message;
    while (true) {
      const auto row = outcome.value()->Next();
      if (!row.ok()) return row.error().message;
      if (!row.value()) return outcome.value()->tag().text;
    }
  }

 private:
  std::unique_ptr<catalog::Store> OpenStore() {
    auto opened = catalog::Store::Open(
        {.uri = options.catalog_uri, .key_file = {}, .actor = "tester@here test", .clock = &clock});
    REQUIRE(opened.ok());
    return std::move(opened).value();
  }
};

inline constexpr const char* kCreateWh =
    "CREATE REDSHIFT CONNECTION wh CONNECTION_STRING = 'jdbc:redshift://127.0.0.1:5439/dev' USER_NAME = 'u' PASSWORD = "
    "'p'";

}  // namespace berth::test
