#include "migrations/warehouse.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "catalog/utc.h"
#include "engine/sql_texts.h"
#include "migrations/history_texts.h"
#include "migrations/judge.h"

namespace berth::migrations {
namespace {

// Who waits for the lock for less than this waits for a COMMIT, which on Redshift has a queue, by itself.
constexpr std::chrono::milliseconds kTogetherWaitMin{10'000};
constexpr std::string_view kUndefinedTable = "42P01";
constexpr std::string_view kUndefinedSchema = "3F000";

std::int64_t Number(const std::optional<std::string>& text) {
  std::int64_t number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

}  // namespace

Warehouse::Warehouse(std::unique_ptr<Conversation> conversation, const Clock& clock, std::string connection,
                     const WarehouseOptions& options)
    : conversation_(std::move(conversation)), clock_(clock), connection_(std::move(connection)), options_(options) {
  conversation_->SetNoticeSink(options_.notices);
}

Result<std::unique_ptr<Warehouse>> Warehouse::Open(Engine& engine, const Clock& clock, const std::string& connection,
                                                   const WarehouseOptions& options) {
  auto conversation = engine.NewConversation();
  BERTH_TRY(conversation->Use(connection));
  return std::unique_ptr<Warehouse>(new Warehouse(std::move(conversation), clock, connection, options));
}

// The schema is a name and cannot be a parameter. The comment at the top is for readers of the file: the longest texts
// go out once or twice a file.
const std::string& Warehouse::Sql(std::string_view name) {
  auto& sql = texts_[std::string(name)];
  if (!sql.empty()) return sql;
  constexpr std::string_view kPlace = "{history}";
  sql = engine::SqlText(name);
  while (sql.starts_with("--")) sql.erase(0, sql.find('\n') + 1);
  const auto table = fmt::format("{}.berth_history", base::QuoteIdentifier(options_.schema));
  for (auto at = sql.rfind(kPlace); at != std::string::npos; at = sql.rfind(kPlace)) {
    sql.replace(at, kPlace.size(), table);
  }
  return sql;
}

Deadline Warehouse::StatementDeadline() const {
  return options_.statement_timeout ? Deadline::After(clock_, *options_.statement_timeout) : Deadline::Never();
}

Result<std::vector<Warehouse::Row>> Warehouse::Query(std::string_view sql, Parameters parameters, Deadline deadline) {
  BERTH_ASSIGN(const auto rows, conversation_->Pass(sql, parameters, deadline));
  std::vector<Row> all;
  for (bool more = true; more;) {
    BERTH_ASSIGN(const auto row, rows->Next());
    if (!row) {
      BERTH_ASSIGN(more, rows->NextResult());
      continue;
    }
    auto& fields = all.emplace_back();
    for (const auto& field : *row) fields.emplace_back(field ? std::optional<std::string>(*field) : std::nullopt);
  }
  return all;
}

// Rows that come back are not wanted.
Result<std::int64_t> Warehouse::Run(std::string_view sql, Parameters parameters, Deadline deadline) {
  BERTH_ASSIGN(const auto rows, conversation_->Pass(sql, parameters, deadline));
  std::int64_t affected = 0;
  for (bool more = true; more;) {
    BERTH_ASSIGN(const auto row, rows->Next());
    if (row) continue;
    affected = rows->tag().rows.value_or(0);  // of the last statement of the text
    BERTH_ASSIGN(more, rows->NextResult());
  }
  return affected;
}

Result<std::vector<WarehouseRow>> Warehouse::History() {
  auto read = Query(Sql("history_read.sql"), {}, StatementDeadline());
  if (!read.ok()) {
    const auto state = read.error().Sqlstate();
    if (state == kUndefinedTable || state == kUndefinedSchema) return std::vector<WarehouseRow>();
    return std::move(read).TakeError();
  }
  table_is_there_ = true;
  seen_.emplace();
  std::vector<WarehouseRow> rows;
  for (auto& row : read.value()) {
    rows.push_back({.rank = Number(row[0]),
                    .version = std::move(row[1]),
                    .description = row[2].value_or(""),
                    .script = row[4].value_or(""),
                    .checksum = row[5].value_or(""),
                    .deleted = row[3] == "DELETE",
                    .part = Number(row[6]),
                    .installed_by = row[7].value_or(""),
                    .installed_on = row[8].value_or(""),
                    .success = Number(row[10]) != 0,
                    .started = Number(row[11]),
                    .done = Number(row[12])});
    const auto& added = rows.back();
    seen_->extent = {.rows = seen_->extent.rows + 1, .last_rank = added.rank};
    seen_->scripts.insert(added.script);
  }
  return rows;
}

Status Warehouse::EnsureTable() {
  if (table_is_there_) return {};
  conversation_->SetNoticeSink(nullptr);  // that it is there already is no news
  auto made = Run(Sql("history_create.sql"), {}, StatementDeadline());
  conversation_->SetNoticeSink(options_.notices);
  if (!made.ok()) {
    // Two that make it at once: PostgreSQL lets one of them fail, and the table is there.
    const auto read = History();
    if (!read.ok() || !table_is_there_) return std::move(made).TakeError();
    return {};
  }
  table_is_there_ = true;
  seen_ = SeenHistory{};  // whatever somebody else has put there since then is seen under the lock
  return {};
}

Status Warehouse::Begin() {
  if (std::exchange(begun_, false)) return {};
  const auto begun = Query(Sql("history_begin.sql"), {}, Deadline::After(clock_, options_.lock_wait));
  if (!begun.ok()) return RolledBack(begun.error());
  Began(begun.value().at(0));
  return {};
}

void Warehouse::Began(const Row& extent) {
  extent_ = {.rows = Number(extent.at(0)), .last_rank = Number(extent.at(1))};
  if (const auto session = conversation_->session()) user_ = session->user;
}

Status Warehouse::Commit() {
  BERTH_ASSIGN(const auto rows, conversation_->Pass("COMMIT", {}, StatementDeadline()));
  BERTH_ASSIGN(const auto row, rows->Next());
  static_cast<void>(row);
  if (rows->tag().text == "COMMIT") return {};
  return Error{.code = ErrorCode::kFailedTransaction, .message = "the transaction was rolled back at its end"};
}

void Warehouse::RollBack() {
  begun_ = false;
  if (conversation_->state().transaction == TransactionState::kNone) return;
  const auto back = Run("ROLLBACK", {}, Deadline::After(clock_, std::chrono::seconds(30)));
  static_cast<void>(back);  // a session that does not roll back is closed, which does
}

Error Warehouse::RolledBack(Error error) {
  RollBack();
  return error;
}

Result<Warehouse::Known> Warehouse::Find(const PartOfFile& part) {
  const std::vector<std::optional<std::string>> parameters = {part.file.script, std::to_string(part.number)};
  BERTH_ASSIGN(const auto rows, Query(Sql("history_find.sql"), parameters, StatementDeadline()));
  if (rows.empty() || rows[0][1] == "DELETE") return Known{};
  const auto& row = rows[0];
  return Known{.rank = Number(row[0]),
               .checksum = row[2].value_or(""),
               .success = Number(row[3]) != 0,
               .started = Number(row[4]),
               .done = Number(row[5])};
}

Result<Warehouse::Known> Warehouse::FindUnderLock(const PartOfFile& part) {
  if (seen_ && seen_->extent == extent_ && !seen_->scripts.contains(part.file.script)) return Known{};
  return Find(part);
}

std::vector<std::optional<std::string>> Warehouse::InsertValues(const PartOfFile& part, std::int64_t milliseconds,
                                                                bool success) const {
  const auto& file = part.file;
  const auto steps = success ? std::to_string(part.part.steps.size()) : std::string("0");
  return {file.version ? std::optional<std::string>(file.version->Text()) : std::nullopt,
          file.description,
          "SQL",
          file.script,
          file.checksum,
          std::to_string(part.number),
          user_,
          HistoryTime(clock_.WallNow()),
          std::to_string(milliseconds),
          success ? "true" : "false",
          steps,
          steps,
          std::to_string(extent_.last_rank + 1)};
}

Status Warehouse::Insert(const PartOfFile& part, std::int64_t milliseconds, bool success) {
  const auto values = InsertValues(part, milliseconds, success);
  auto inserted = Run(Sql("history_insert.sql"), values, StatementDeadline());
  if (!inserted.ok()) return std::move(inserted).TakeError();
  return {};
}

Status Warehouse::RunToCommit(const std::string& text, Deadline deadline) {
  BERTH_ASSIGN(const auto rows, conversation_->Pass(text, {}, deadline));
  bool committed = false;
  for (bool more = true; more;) {
    const auto row = rows->Next();
    // Of the next transaction's beginning, which the next Begin() tries again and tells of.
    if (!row.ok()) return committed ? Status() : row.error();
    if (row.value()) {
      const auto& fields = *row.value();
      Began({std::string(fields[0].value_or("")), std::string(fields[1].value_or(""))});
      begun_ = true;
      continue;
    }
    committed = committed || rows->tag().text == "COMMIT";
    auto next = rows->NextResult();
    if (!next.ok()) return committed ? Status() : std::move(next).TakeError();
    more = next.value();
  }
  if (committed) return {};
  return Error{.code = ErrorCode::kFailedTransaction, .message = "the transaction was rolled back at its end"};
}

Status Warehouse::Finish(const PartOfFile& part, std::int64_t milliseconds) {
  auto text = WithLiterals(Sql("history_insert.sql"), InsertValues(part, milliseconds, true));
  if (!text) {
    BERTH_TRY(Insert(part, milliseconds, true));
    return Commit();
  }
  *text += ";\nCOMMIT";
  if (!part.another || options_.lock_wait < kTogetherWaitMin) return RunToCommit(*text, StatementDeadline());
  *text += ";\n" + Sql("history_begin.sql");
  auto finished = RunToCommit(
      *text, Deadline::After(clock_, std::max(options_.lock_wait,
                                              options_.statement_timeout.value_or(std::chrono::milliseconds(0)))));
  if (!begun_) RollBack();  // a beginning that was refused
  // What took too long may have been the next one's lock.
  const bool stopped = !finished.ok() && finished.error().code == ErrorCode::kDeadlineExceeded;
  return stopped && IsDone(part) ? Status() : std::move(finished);
}

bool Warehouse::IsDone(const PartOfFile& part) {
  const auto known = Find(part);
  return known.ok() && known.value().success && known.value().checksum == part.file.checksum;
}

Status Warehouse::SendStep(const Step& step, const File& file) {
  if (step.kind == Step::Kind::kSend) {
    auto sent = Run(step.text, {}, StatementDeadline());
    if (!sent.ok()) return AtLine(std::move(sent).TakeError(), file.script, step.line);
    return {};
  }
  const std::vector<std::optional<std::string>> parameters = {step.table.schema.name, step.table.table.name};
  BERTH_ASSIGN(auto found, Query(engine::SqlText("table_exists.sql"), parameters, StatementDeadline()));
  const auto session = conversation_->session();
  if (found.empty() && session && session->server_version.starts_with("8.0")) {
    BERTH_ASSIGN(found, Query(engine::SqlText("external_table_exists.sql"), parameters, StatementDeadline()));
  }
  if (!found.empty()) return {};
  return AtLine(
      {.code = ErrorCode::kNotFound,
       .message = fmt::format("there is no table {}.{} on connection {}", base::QuoteIdentifier(step.table.schema.name),
                              base::QuoteIdentifier(step.table.table.name), connection_),
       .hint = "CREATE TABLE connection.schema.table makes and records one.",
       .sqlstate = std::string(kUndefinedTable)},
      file.script, step.line);
}

Status Warehouse::SendSteps(const PartOfFile& part) {
  for (const auto& step : part.part.steps) {
    BERTH_TRY(SendStep(step, part.file));
    if (conversation_->state().transaction == TransactionState::kWarehouse) continue;
    return AtLine({.code = ErrorCode::kFailedPrecondition,
                   .message = "this statement has ended the migration's transaction: what came before it is committed",
                   .hint = "Look at what it has done. A file with `-- berth: no transaction` may hold it."},
                  part.file.script, step.line);
  }
  return {};
}

Result<Ran> Warehouse::Apply(const PartOfFile& part) {
  BERTH_TRY(EnsureTable());
  return part.file.no_transaction ? ApplyStepwise(part) : ApplyAsOne(part);
}

Result<Ran> Warehouse::ApplyAsOne(const PartOfFile& part) {
  const auto began = clock_.Now();
  BERTH_TRY(Begin());
  auto known = FindUnderLock(part);
  if (!known.ok()) return RolledBack(std::move(known).TakeError());
  auto seen = std::exchange(seen_, std::nullopt);  // until it is known what has become of this
  if (known.value().success && known.value().checksum == part.file.checksum) {
    BERTH_TRY(Commit());
    return Ran::kBefore;
  }
  if (known.value().rank != 0 && part.file.version) return RolledBack(ChangedSince(part.file, connection_));
  if (auto sent = SendSteps(part); !sent.ok()) return RolledBack(std::move(sent).TakeError());
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.Now() - began).count();
  const HistoryExtent before = extent_;
  if (auto finished = Finish(part, took); !finished.ok()) {
    Error error = RolledBack(std::move(finished).TakeError());
    if (error.in_doubt) error.hint = "`berth migrate up` again looks into the history and goes on from there.";
    error.message = fmt::format("{}: {}", part.file.script, error.message);
    error.span.reset();  // in a text of ours
    return error;
  }
  if (seen && seen->extent == before) {
    seen->extent = {.rows = before.rows + 1, .last_rank = before.last_rank + 1};
    seen->scripts.insert(part.file.script);
    seen_ = std::move(seen);
  }
  return Ran::kNow;
}

// The row of the part, made if there is none.
Result<Warehouse::Known> Warehouse::ClaimStepwise(const PartOfFile& part) {
  seen_.reset();
  BERTH_TRY(Begin());
  auto known = Find(part);
  if (!known.ok()) return RolledBack(std::move(known).TakeError());
  const bool same = known.value().checksum == part.file.checksum;
  if (known.value().rank != 0 && (same || part.file.version)) {
    BERTH_TRY(Commit());
    if (!same) return ChangedSince(part.file, connection_);
    return known;
  }
  if (auto added = Insert(part, 0, false); !added.ok()) return RolledBack(std::move(added).TakeError());
  known = Find(part);
  if (!known.ok()) return RolledBack(std::move(known).TakeError());
  BERTH_TRY(Commit());
  return known;
}

Status Warehouse::Move(const Known& row, std::int64_t started, std::int64_t done) {
  const std::vector<std::optional<std::string>> parameters = {std::to_string(row.rank), std::to_string(row.started),
                                                              std::to_string(row.done), std::to_string(started),
                                                              std::to_string(done)};
  BERTH_ASSIGN(const auto rows, Run(Sql("history_step.sql"), parameters, StatementDeadline()));
  if (rows == 1) return {};
  return Error{.code = ErrorCode::kFailedPrecondition,
               .message = "somebody else runs this file at this moment, on another catalog",
               .hint = "`berth migrate status` shows how far it is."};
}

Status Warehouse::MakeSettingsAgain(const PartOfFile& part, std::int64_t done) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(done); ++i) {
    const auto& step = part.part.steps[i];
    const auto settles = SettlesOf(step);
    if (settles == Settles::kOnlyThat) BERTH_TRY(SendStep(step, part.file));
    if (settles != Settles::kAmongOthers || !options_.notices) continue;
    options_.notices(
        {.severity = "WARNING",
         .message = fmt::format("{}:{}: what this statement set went with its session, and it is not sent twice",
                                part.file.script, step.line),
         .hint = "A statement of its own is: SET name = value, or SELECT set_config('name', 'value', false)."});
  }
  return {};
}

Result<Ran> Warehouse::ApplyStepwise(const PartOfFile& part) {
  const auto began = clock_.Now();
  BERTH_ASSIGN(auto known, ClaimStepwise(part));
  if (known.success) return Ran::kBefore;
  if (known.started != known.done) return InDoubt(part.file, part.part, known.started);
  BERTH_TRY(MakeSettingsAgain(part, known.done));
  const auto& steps = part.part.steps;
  while (known.done < static_cast<std::int64_t>(steps.size())) {
    const auto number = known.done + 1;
    BERTH_TRY(Move(known, number, known.done));
    known.started = number;
    if (auto sent = SendStep(steps[static_cast<std::size_t>(number - 1)], part.file); !sent.ok()) {
      Error error = std::move(sent).TakeError();
      if (error.in_doubt || error.code == ErrorCode::kSessionLost) {
        error.hint = InDoubt(part.file, part.part, number).hint;
        return error;
      }
      BERTH_TRY(Move(known, known.done, known.done));  // refused: it was not applied
      error.hint += fmt::format("{}{} of {} statements of the file are done; `berth migrate up` goes on with this one.",
                                error.hint.empty() ? "" : "\n", known.done, steps.size());
      return error;
    }
    BERTH_TRY(Move(known, number, number));
    known.done = number;
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.Now() - began).count();
  const std::vector<std::optional<std::string>> parameters = {std::to_string(known.rank), std::to_string(took)};
  auto finished = Run(Sql("history_finish.sql"), parameters, StatementDeadline());
  if (!finished.ok()) return std::move(finished).TakeError();
  return Ran::kNow;
}

Status Warehouse::Settle(const PartOfFile& part, bool applied) {
  BERTH_TRY(EnsureTable());
  BERTH_ASSIGN(const auto known, Find(part));
  if (known.rank == 0 || known.success || known.started == known.done) {
    return Error{.code = ErrorCode::kNotFound,
                 .message = fmt::format("no statement of {} is in doubt", part.file.script)};
  }
  const auto to = applied ? known.started : known.done;
  return Move(known, to, to);
}

Status Warehouse::Realign(const std::string& script, const File& file) {
  seen_.reset();
  const std::vector<std::optional<std::string>> parameters = {file.checksum, file.script, file.description, script};
  auto done = Run(Sql("history_realign.sql"), parameters, StatementDeadline());
  if (!done.ok()) return std::move(done).TakeError();
  return {};
}

Status Warehouse::MarkDeleted(const FileState& state) {
  BERTH_TRY(EnsureTable());
  BERTH_TRY(Begin());
  const auto version = state.version.empty() ? std::nullopt : std::optional<std::string>(state.version);
  const std::vector<std::optional<std::string>> parameters = {version,
                                                              state.description,
                                                              "DELETE",
                                                              state.script,
                                                              "",
                                                              "0",
                                                              user_,
                                                              HistoryTime(clock_.WallNow()),
                                                              "0",
                                                              "true",
                                                              "0",
                                                              "0",
                                                              std::to_string(extent_.last_rank + 1)};
  auto inserted = Run(Sql("history_insert.sql"), parameters, StatementDeadline());
  if (!inserted.ok()) return RolledBack(std::move(inserted).TakeError());
  return Commit();
}

Status Warehouse::MarkDone(const PartOfFile& part) {
  BERTH_TRY(EnsureTable());
  BERTH_TRY(Begin());
  if (auto added = Insert(part, 0, true); !added.ok()) return RolledBack(std::move(added).TakeError());
  return Commit();
}

}  // namespace berth::migrations
