#include "migrations/parts.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "base/strings.h"
#include "base/try.h"
#include "dependents/touches.h"
#include "parser/leading_words.h"
#include "parser/parse.h"
#include "parser/redact.h"
#include "parser/scan.h"
#include "parser/splitter.h"

namespace berth::migrations {
namespace {

using engine::TableWork;

// Gathers the steps of a file. A record of a table may wait for the next statement on the catalog: nothing that a
// warehouse does depends on it, and a row of CREATE TABLEs stays one transaction.
class Gatherer {
 public:
  explicit Gatherer(const File& file) : file_(file) {}

  Status Take(const parser::Piece& piece);
  Result<std::vector<Part>> Finish() {
    FlushRecords();
    if (parts_.empty()) {
      return Error{.code = ErrorCode::kInvalidArgument, .message = fmt::format("{} holds no statement", file_.script)};
    }
    return std::move(parts_);
  }

 private:
  Status TakeOurs(const std::string& text);
  Status TakeServers(const std::string& text);
  Status TakeTable(const parser::CreateTable& statement);
  Status TakeTable(const parser::DropTable& statement);
  Status TakeTable(const parser::AttachTable& statement);

  void Send(const std::string& connection, std::string text) {
    Add(connection, {.kind = Step::Kind::kSend, .line = line_, .text = std::move(text)});
  }
  void Record(TableWork work, const parser::TableName& table, std::string text) {
    records_.push_back(
        {.kind = Step::Kind::kRecord, .line = line_, .text = std::move(text), .table = table, .work = work});
  }
  void FlushRecords() {
    for (auto& record : std::exchange(records_, {})) Add("", std::move(record));
  }
  void Add(const std::string& connection, Step step) {
    if (parts_.empty() || parts_.back().connection != connection) parts_.push_back({.connection = connection});
    parts_.back().steps.push_back(std::move(step));
  }

  const File& file_;
  std::string in_use_;
  std::size_t line_ = 1;
  std::vector<Part> parts_;
  std::vector<Step> records_;
};

Error NoPlace(std::string message, std::string hint) {
  return {.code = ErrorCode::kNotSupported, .message = std::move(message), .hint = std::move(hint)};
}

std::string TwoPart(const parser::TableName& name) {
  return fmt::format("{}.{}", base::QuoteIdentifier(name.schema.name), base::QuoteIdentifier(name.table.name));
}
std::string ThreePart(const parser::TableName& name) {
  return fmt::format("{}.{}", base::QuoteIdentifier(name.connection.name), TwoPart(name));
}

// What Redshift refuses inside a transaction, and TRUNCATE, which would commit it there.
std::string_view EndsTransaction(std::string_view text) {
  struct Form {
    std::string_view first, second;
  };
  static constexpr std::array<Form, 9> kForms = {{{"TRUNCATE", ""},
                                                  {"VACUUM", ""},
                                                  {"CREATE", "DATABASE"},
                                                  {"ALTER", "DATABASE"},
                                                  {"DROP", "DATABASE"},
                                                  {"CREATE", "EXTERNAL"},
                                                  {"DROP", "EXTERNAL"},
                                                  {"CREATE", "LIBRARY"},
                                                  {"DROP", "LIBRARY"}}};
  parser::Scanner scanner(text, false);
  const auto first = scanner.Next();
  const auto second = scanner.Next();
  for (const auto& form : kForms) {
    if (first.IsWord(form.first) && (form.second.empty() || second.IsWord(form.second))) return form.first;
  }
  if (!first.IsWord("ALTER") || !second.IsWord("TABLE")) return {};
  for (auto token = scanner.Next(); token.kind != parser::TokenKind::kEnd; token = scanner.Next()) {
    if (!token.IsWord("APPEND")) continue;
    if (scanner.Next().IsWord("FROM")) return "ALTER TABLE APPEND";
  }
  return {};
}

bool IsTransactionWord(const parser::Classified& classified, std::string_view text) {
  if (classified.transaction != parser::TransactionWord::kNone) return true;
  parser::Scanner scanner(text, false);
  const auto first = scanner.Next();
  for (const auto word : {"BEGIN", "COMMIT", "END", "ROLLBACK", "ABORT"}) {
    if (first.IsWord(word)) return true;
  }
  return first.IsWord("START") && scanner.Next().IsWord("TRANSACTION");
}

// The secret would stand in version control and, as a checksum, in the histories.
Status RefuseLiteralPassword(const std::vector<parser::Option>& options) {
  for (const auto& option : options) {
    if (option.name.name != "PASSWORD" && option.name.name != "PASSWORD_NEXT") continue;
    if (option.value.form != parser::ValueForm::kString) continue;
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "a migration holds no password",
                 .hint =
                     "Write PASSWORD = ENV 'VARIABLE', FILE '/path', COMMAND '/program arg ..' or SECRET name: what "
                     "it refers to is asked at each login."};
  }
  return {};
}

Status RefuseLiteralSecret(const parser::Value& value) {
  if (value.form != parser::ValueForm::kString) return {};
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = "a migration holds no secret",
               .hint =
                   "Write AS ENV 'VARIABLE', FILE '/path' or COMMAND '/program arg ..': what it refers to is asked at "
                   "each login."};
}

Status RefuseLiteralPassword(const parser::Statement& statement) {
  if (const auto* create = std::get_if<parser::CreateConnection>(&statement))
    return RefuseLiteralPassword(create->options);
  if (const auto* alter = std::get_if<parser::AlterConnection>(&statement)) {
    if (const auto* set = std::get_if<parser::AlterConnectionSet>(&alter->change))
      return RefuseLiteralPassword(set->options);
  }
  if (const auto* create = std::get_if<parser::CreateSecret>(&statement)) return RefuseLiteralSecret(create->value);
  if (const auto* alter = std::get_if<parser::AlterSecret>(&statement)) {
    if (const auto* value = std::get_if<parser::Value>(&alter->change)) return RefuseLiteralSecret(*value);
  }
  return {};
}

// SELECT set_config('a', 'b', false) and nothing else
bool IsPlainSetConfig(std::string_view text) {
  using parser::TokenKind;
  parser::Scanner scanner(text, false);
  if (!scanner.Next().IsWord("SELECT") || !scanner.Next().IsWord("SET_CONFIG")) return false;
  for (const char symbol : {'(', ',', ','}) {
    if (!scanner.Next().IsSymbol(symbol)) return false;
    const auto argument = scanner.Next();
    if (argument.kind != TokenKind::kString && !argument.IsWord("FALSE")) return false;
  }
  return scanner.Next().IsSymbol(')') && scanner.Next().kind == TokenKind::kEnd;
}

Settles SettlesOf(std::string_view text) {
  parser::Scanner scanner(text, false);
  const auto first = scanner.Next();
  if (first.IsWord("RESET")) return Settles::kOnlyThat;
  auto token = scanner.Next();
  if (first.IsWord("SET")) {
    const bool outlives = !token.IsWord("LOCAL") && !token.IsWord("TRANSACTION") && !token.IsWord("CONSTRAINTS");
    return outlives ? Settles::kOnlyThat : Settles::kNothing;
  }
  if (IsPlainSetConfig(text)) return Settles::kOnlyThat;
  for (; token.kind != parser::TokenKind::kEnd; token = scanner.Next()) {
    if (token.IsWord("SET_CONFIG")) return Settles::kAmongOthers;
  }
  return Settles::kNothing;
}

Status Gatherer::Take(const parser::Piece& piece) {
  line_ = piece.line;
  const auto& text = piece.text;
  const auto classified = parser::Classify(text, false);
  if (IsTransactionWord(classified, text)) {
    return NoPlace("a migration is a transaction by itself: it holds no BEGIN, COMMIT or ROLLBACK",
                   "Remove it. A file with `-- berth: no transaction` at its top runs statement by statement.");
  }
  if (classified.owner == parser::Owner::kEmpty) return {};
  if (classified.owner == parser::Owner::kOurs) return TakeOurs(text);
  if (classified.owner == parser::Owner::kServer) return TakeServers(text);
  parser::Scanner scanner(text, false);
  const bool use = scanner.Next().IsWord("USE");
  if (use || in_use_.empty() || classified.first_name == in_use_) return TakeOurs(text);
  return TakeServers(text);
}

Status Gatherer::TakeServers(const std::string& text) {
  if (in_use_.empty()) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "this is not a statement of Berth's own, and the file says no connection for it",
                 .hint = "Write USE CONNECTION name; before it."};
  }
  if (!file_.no_transaction) {
    if (const auto what = EndsTransaction(text); !what.empty()) {
      return NoPlace(fmt::format("{} cannot be part of a migration's transaction on Redshift: it {}", what,
                                 what == "TRUNCATE" ? "commits it" : "is refused inside one"),
                     "Put it into a file of its own with `-- berth: no transaction` at the top, or write DELETE for "
                     "TRUNCATE.");
    }
  }
  Send(in_use_, text);
  return {};
}

Status Gatherer::TakeOurs(const std::string& text) {
  auto parsed = parser::Parse(text);
  if (!parsed.ok()) return std::move(parsed).TakeError();
  auto& statement = parsed.value();
  if (const auto* use = std::get_if<parser::Use>(&statement)) {
    in_use_ = use->name.name;
    return {};
  }
  if (const auto* execute = std::get_if<parser::ExecuteOnConnection>(&statement)) {
    const auto before = std::exchange(in_use_, execute->connection.name);
    auto status = TakeServers(execute->text);
    in_use_ = before;
    return status;
  }
  if (const auto* create = std::get_if<parser::CreateTable>(&statement)) return TakeTable(*create);
  if (const auto* drop = std::get_if<parser::DropTable>(&statement)) return TakeTable(*drop);
  if (const auto* attach = std::get_if<parser::AttachTable>(&statement)) return TakeTable(*attach);
  if (std::holds_alternative<parser::TestConnection>(statement)) {
    return NoPlace("TEST CONNECTION changes nothing: it has no place in a migration", "Run it in the shell.");
  }
  BERTH_TRY(RefuseLiteralPassword(statement));
  FlushRecords();
  Add("", {.kind = Step::Kind::kCatalog,
           .line = line_,
           .text = parser::Redact(text).text,
           .statement = std::move(statement)});
  return {};
}

Status Gatherer::TakeTable(const parser::CreateTable& statement) {
  const auto& connection = statement.name.connection.name;
  const auto is_connection = [&](std::string_view name) { return name == connection; };
  BERTH_ASSIGN(const auto touches, dependents::FindTouches(statement.rest, is_connection, false));
  Send(connection,
       fmt::format("CREATE TABLE {}{}{}{}", statement.if_not_exists ? "IF NOT EXISTS " : "", TwoPart(statement.name),
                   statement.rest.empty() ? "" : " ", dependents::WithoutPrefixes(statement.rest, touches)));
  Record(TableWork::kCreated, statement.name, fmt::format("record table {}", ThreePart(statement.name)));
  return {};
}

Status Gatherer::TakeTable(const parser::DropTable& statement) {
  const char* const behavior = statement.behavior == parser::DropBehavior::kCascade    ? " CASCADE"
                               : statement.behavior == parser::DropBehavior::kRestrict ? " RESTRICT"
                                                                                       : "";
  Send(statement.name.connection.name,
       fmt::format("DROP TABLE {}{}{}", statement.if_exists ? "IF EXISTS " : "", TwoPart(statement.name), behavior));
  Record(TableWork::kDropped, statement.name, fmt::format("forget table {}", ThreePart(statement.name)));
  return {};
}

Status Gatherer::TakeTable(const parser::AttachTable& statement) {
  Add(statement.name.connection.name, {.kind = Step::Kind::kLookFor,
                                       .line = line_,
                                       .text = fmt::format("look for table {}", TwoPart(statement.name)),
                                       .table = statement.name});
  Record(TableWork::kAttached, statement.name, fmt::format("record table {}", ThreePart(statement.name)));
  return {};
}

}  // namespace

Settles SettlesOf(const Step& step) {
  return step.kind == Step::Kind::kSend ? SettlesOf(std::string_view(step.text)) : Settles::kNothing;
}

bool LeavesSettings(const Part& part) {
  return std::ranges::any_of(part.steps, [](const Step& step) { return SettlesOf(step) != Settles::kNothing; });
}

Error AtLine(Error error, std::string_view script, std::size_t line) {
  error.message = fmt::format("{}:{}: {}", script, line, error.message);
  error.span.reset();
  return error;
}

Result<std::vector<Part>> SplitParts(const File& file, std::string_view text) {
  Gatherer gatherer(file);
  parser::Splitter splitter({.meta_commands = false});
  splitter.Feed(text);
  splitter.Finish();
  while (const auto piece = splitter.Next()) {
    auto taken = gatherer.Take(*piece);
    if (!taken.ok()) return AtLine(std::move(taken).TakeError(), file.script, piece->line);
  }
  BERTH_ASSIGN(auto parts, gatherer.Finish());
  if (parts.size() > kPartsMax) {
    return Error{.code = ErrorCode::kLimitExceeded,
                 .message = fmt::format("{} changes {} times between the catalog and connections; a migration does so "
                                        "at most {} times",
                                        file.script, parts.size(), kPartsMax),
                 .hint = "Cut it into several files."};
  }
  return parts;
}

}  // namespace berth::migrations
