#include "script/script_run.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace berth::script {
namespace {

namespace fs = std::filesystem;

std::string Shown(const Field& field) {
  if (!field) return "NULL";
  if (field->empty()) return "(empty)";
  std::string out;
  for (const char c : *field) {
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

std::string Joined(std::span<const Field> row) {
  std::string out;
  for (std::size_t i = 0; i < row.size(); ++i) out += (i == 0 ? "" : "|") + Shown(row[i]);
  return out;
}

// Reads all results to their end.
void Drain(RowSource& source, Answer& answer) {
  for (bool more = true; more;) {
    answer.columns.clear();
    for (const auto& column : source.columns()) answer.columns.push_back(column.name);
    auto row = source.Next();
    for (; row.ok() && row.value(); row = source.Next()) answer.rows.push_back(Joined(*row.value()));
    if (!row.ok()) {
      answer.error = std::move(row).TakeError();
      return;
    }
    answer.tag = source.tag().text;
    auto next = source.NextResult();
    if (!next.ok()) {
      answer.error = std::move(next).TakeError();
      return;
    }
    more = next.value();
    if (more) answer.rows.emplace_back("--");
  }
}

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::unique_ptr<Engine> OpenEngine(const std::string& folder) {
  auto engine = Engine::Open({.catalog_uri = "sqlite:" + folder + "/catalog/catalog.db", .program = "script"});
  if (!engine.ok()) throw std::runtime_error("the engine cannot be opened: " + Rendered(engine.error()));
  return std::move(engine).value();
}

}  // namespace

std::string Rendered(const Error& error) {
  std::string out = error.message;
  if (!error.detail.empty()) out += "\nDETAIL: " + error.detail;
  if (!error.hint.empty()) out += "\nHINT: " + error.hint;
  return out;
}

World::World(test::TempPostgres& server) : server_(server) {
  static int count = 0;
  database_ = "script" + std::to_string(++count);
  const auto other = database_ + "_other";
  for (const auto& name : {database_, other}) server_.Psql("CREATE DATABASE " + name);
  const auto port = std::to_string(server_.port());
  values_ = {{"HOST", server_.host()},
             {"PORT", port},
             {"DATABASE", database_},
             {"OTHER_DATABASE", other},
             {"URL", server_.JdbcUrl(database_)},
             {"OTHER_URL", server_.JdbcUrl(other)},
             {"USER_NAME", server_.user()},
             {"PASSWORD", server_.password()},
             {"TMP", folder_.path().string()},
             {"NUL", std::string(1, '\0')},
             {"INVALID_UTF8", "\xFF"}};
  engine_ = OpenEngine(folder_.path().string());
}

World::~World() {
  conversations_.clear();
  engine_.reset();
  for (const char* const suffix : {"", "_other"}) {
    try {
      server_.Psql("DROP DATABASE IF EXISTS " + database_ + suffix + " WITH (FORCE)");
    } catch (const std::exception&) {  // the server is gone with its databases
      return;
    }
  }
}

Conversation& World::current() {
  auto& conversation = conversations_[name_];
  if (!conversation) conversation = engine_->NewConversation();
  return *conversation;
}

Answer World::Execute(const std::string& sql) {
  Answer answer;
  auto& conversation = current();
  conversation.SetNoticeSink([&answer](const Notice& notice) {
    answer.notices.push_back(notice.severity + ": " + notice.message +
                             (notice.detail.empty() ? "" : "\n" + notice.detail) +
                             (notice.hint.empty() ? "" : "\n" + notice.hint));
  });
  auto outcome = conversation.Execute(sql, {}, Deadline::After(Clock::System(), timeout_));
  if (outcome.ok()) {
    Drain(*outcome.value(), answer);
  } else {
    answer.error = std::move(outcome).TakeError();
  }
  outcome = Outcome();  // before the next statement, as the contract says
  conversation.SetNoticeSink({});
  for (const auto& row : answer.rows) transcript_ += row + "\n";
  for (const auto& notice : answer.notices) transcript_ += notice + "\n";
  if (answer.error) transcript_ += Rendered(*answer.error) + "\n";
  return answer;
}

ConversationState World::state() {
  return current().state();
}

void World::Switch(const std::string& conversation) {
  name_ = conversation;
}

void World::Close(const std::string& conversation) {
  conversations_.erase(conversation);
}

void World::Restart() {
  conversations_.clear();
  engine_.reset();
  engine_ = OpenEngine(folder_.path().string());
}

void World::WriteFile(const std::string& path, const std::string& text) {
  std::ofstream(path) << text << "\n";
  ::chmod(path.c_str(), 0600);
}

void World::Warehouse(const std::string& sql) {
  server_.Psql(sql, database_);
}

std::string World::Find(const std::string& text) const {
  if (transcript_.find(text) != std::string::npos) return "an answer";
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path() / "catalog")) {
    if (!entry.is_regular_file() || ReadFile(entry.path()).find(text) == std::string::npos) continue;
    return entry.path().filename().string();
  }
  return {};
}

}  // namespace berth::script
