#include "berth/engine.h"

#include <fmt/core.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/try.h"
#include "bind/connection_options.h"
#include "catalog/backup.h"
#include "catalog/store.h"
#include "engine/catalog_news.h"
#include "engine/check.h"
#include "engine/conversation.h"
#include "engine/job_work_impl.h"
#include "engine/known_connections.h"
#include "engine/maintenance_impl.h"
#include "engine/reservation.h"
#include "engine/second_password.h"
#include "engine/service_access.h"
#include "engine/shared.h"
#include "engine/watch.h"
#include "parser/leading_words.h"
#include "parser/redact.h"
#include "pool/pool_set.h"
#include "pool/slot_ledger.h"
#include "session/session.h"

namespace berth {
namespace engine {
namespace {

// "user@host program": who made or changed a record.
std::string ActorOf(const std::string& program) {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found);
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return fmt::format("{}@{} {}", found != nullptr ? std::string(entry.pw_name) : std::to_string(::geteuid()),
                     host.data(), program);
}

// The slots of a catalog in a file are beside it, and count for all processes of this machine.
std::unique_ptr<pool::SlotLedger> LedgerFor(const std::string& catalog_name, const std::string& program) {
  constexpr std::string_view kScheme = "sqlite:";
  struct stat facts{};
  if (!catalog_name.starts_with(kScheme)) return pool::MakeLocalLedger();
  std::error_code error;
  const auto path = std::filesystem::canonical(catalog_name.substr(kScheme.size()), error);  // one name for all
  if (error || ::stat(path.c_str(), &facts) != 0) return pool::MakeLocalLedger();
  return pool::MakeHostLedger({.folder = path.string() + ".slots",
                               .program = program,
                               .file_mode = (facts.st_mode & 0060U) | 0600U,
                               .catalog_id = facts.st_ino});
}

// The conversation of one call lives as long as its rows.
class LoneRows final : public RowSource {
 public:
  LoneRows(std::unique_ptr<Conversation> conversation, Outcome rows)
      : conversation_(std::move(conversation)), rows_(std::move(rows)) {}
  std::span<const Column> columns() const override { return rows_->columns(); }
  Result<std::optional<std::span<const Field>>> Next() override { return rows_->Next(); }
  const CommandTag& tag() const override { return rows_->tag(); }
  Result<bool> NextResult() override { return rows_->NextResult(); }

 private:
  std::unique_ptr<Conversation> conversation_;
  Outcome rows_;
};

class EngineImpl final : public Engine {
 public:
  EngineImpl(EngineOptions options, const Clock& clock, std::unique_ptr<catalog::Store> store)
      : options_(std::move(options)),
        clock_(clock),
        store_(std::move(store)),
        factory_(std::make_unique<SecondPasswordFactory>(session::MakeLibpqFactory(clock))),
        passwords_(clock, options_.ask_password),
        ledger_(LedgerFor(store_->Name(), options_.program)),
        pools_(pool::Pool::Environment{*factory_, *ledger_, clock}),
        known_(*store_),
        shared_{options_, clock_, *store_, pools_, passwords_, *ledger_, news_, *factory_, known_},
        maintenance_(shared_),
        watch_(clock),
        news_(shared_, watch_),
        job_work_(shared_, watch_) {}

  Maintenance& maintenance() { return maintenance_; }
  JobWork& job_work() { return job_work_; }

  std::unique_ptr<Conversation> NewConversation() override {
    return std::make_unique<ConversationImpl>(shared_, watch_);
  }

  Result<Outcome> Execute(std::string_view text, std::string_view connection, Parameters parameters,
                          Deadline deadline) override {
    if (parser::Classify(text, false).transaction != parser::TransactionWord::kNone) {
      return Error{.code = ErrorCode::kNotSupported,
                   .message = "a transaction needs a conversation: a single call keeps nothing for the next one",
                   .hint = "Use NewConversation()."};
    }
    auto conversation = NewConversation();
    if (!connection.empty()) BERTH_TRY(conversation->Use(connection));
    BERTH_ASSIGN(auto rows, conversation->Execute(text, parameters, deadline));
    return Outcome(std::make_unique<LoneRows>(std::move(conversation), std::move(rows)));
  }

  Result<std::unique_ptr<Reservation>> Reserve(const ReserveRequest& request) override {
    return ReserveSlots({.shared = shared_, .ledger = *ledger_, .factory = *factory_}, request);
  }
  Result<std::vector<ConnectionFacts>> Connections() override {
    BERTH_ASSIGN(const auto transaction,
                 store_->Begin(catalog::Access::kRead, CatalogDeadline(shared_, Deadline::Never())));
    BERTH_ASSIGN(auto listed, transaction->ListConnections());
    std::vector<ConnectionFacts> facts;
    for (auto& connection : listed) {
      facts.push_back({.id = connection.id,
                       .name = std::move(connection.name),
                       .host = std::move(connection.host),
                       .database = std::move(connection.database),
                       .user = std::move(connection.user_name),
                       .port = connection.port,
                       .sessions_max = static_cast<std::size_t>(
                           connection.max_concurrent_connections.value_or(bind::kSessionsDefault)),
                       .cluster_identifier = connection.tuning.cluster_identifier.value_or(""),
                       .workgroup = connection.tuning.workgroup.value_or(""),
                       .secret_arn = connection.tuning.secret_arn.value_or("")});
    }
    return facts;
  }
  Result<std::int64_t> CatalogVersion() override { return store_->DataVersion(); }
  Result<std::vector<Secret>> SealingKeys() override { return store_->Keys(); }
  Result<std::optional<AccessKeyFacts>> FindAccessKey(std::string_view id) override {
    return ReadAccessKey(shared_, id);
  }
  Status NoteKeyUse(std::string_view id, Clock::Wall at) override { return engine::NoteKeyUse(shared_, id, at); }
  Result<std::vector<GrantFacts>> Grants() override { return ReadGrants(shared_); }
  Result<BackupReport> BackUp(const std::string& folder, bool with_key) override {
    return store_->BackUp(folder, with_key);
  }
  Result<RekeyReport> ChangeKey() override { return store_->ChangeKey(CatalogDeadline(shared_, Deadline::Never())); }
  Result<CheckReport> Check(Deadline deadline) override { return CheckCatalog(shared_, deadline); }
  std::string CatalogName() const override { return store_->Name(); }

 private:
  // Destroyed from the last to the first: no conversation is watched, then the pools close, then the catalog.
  const EngineOptions options_;
  const Clock& clock_;
  const std::unique_ptr<catalog::Store> store_;
  const std::unique_ptr<session::SessionFactory> factory_;
  Passwords passwords_;
  const std::unique_ptr<pool::SlotLedger> ledger_;
  pool::PoolSet pools_;
  KnownConnections known_;
  const Shared shared_;
  MaintenanceImpl maintenance_;
  Watch watch_;
  CatalogNews news_;
  JobWorkImpl job_work_;
};

}  // namespace

Maintenance& MaintenanceOf(Engine& engine) {
  return dynamic_cast<EngineImpl&>(engine).maintenance();
}

JobWork& JobWorkOf(Engine& engine) {
  return dynamic_cast<EngineImpl&>(engine).job_work();
}

}  // namespace engine

namespace {

catalog::StoreOptions StoreOptionsOf(const EngineOptions& options) {
  return {.uri = options.catalog_uri,
          .key_file = options.key_file,
          .actor = engine::ActorOf(options.program),
          .clock = options.clock != nullptr ? options.clock : &Clock::System(),
          .open_wait_max = options.catalog_open_max};
}

}  // namespace

Result<RestoreReport> RestoreCatalog(const EngineOptions& options, const std::string& folder) {
  return catalog::Restore(StoreOptionsOf(options), folder);
}

Result<std::unique_ptr<Engine>> Engine::Open(EngineOptions options) {
  const Clock& clock = options.clock != nullptr ? *options.clock : Clock::System();
  auto store = catalog::Store::Open(StoreOptionsOf(options));
  if (!store.ok()) {
    Error error = std::move(store).TakeError();
    error.message = parser::Redact(error.message).text;  // it quotes the URL, which may hold user:password@
    return error;
  }
  return std::unique_ptr<Engine>(
      std::make_unique<engine::EngineImpl>(std::move(options), clock, std::move(store).value()));
}

}  // namespace berth
