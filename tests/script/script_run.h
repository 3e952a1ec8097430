#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "berth/engine.h"
#include "script/placeholders.h"
#include "support/temp_dir.h"
#include "support/temp_postgres.h"

namespace berth::script {

// What one statement did, as text.
struct Answer {
  std::optional<Error> error;
  std::vector<std::string> columns;  // of the last result
  std::vector<std::string> rows;     // values by |; the results of one text are parted by a line of dashes
  std::string tag;                   // of the last result
  std::vector<std::string> notices;  // "WARNING: .."
};
// "message", then DETAIL and HINT on lines of their own.
std::string Rendered(const Error& error);

// A file's own world: a catalog, two databases on the shared server, conversations by name. One thread.
class World {
 public:
  explicit World(test::TempPostgres& server);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Answer Execute(const std::string& sql);
  ConversationState state();
  void Switch(const std::string& conversation);
  void Close(const std::string& conversation);
  void SetTimeout(std::chrono::milliseconds timeout) { timeout_ = timeout; }
  void Restart();
  void WriteFile(const std::string& path, const std::string& text);
  void Warehouse(const std::string& sql);
  // Where `text` stands in an answer so far or in a file of the catalog; empty: nowhere.
  std::string Find(const std::string& text) const;
  const Values& values() const { return values_; }

 private:
  Conversation& current();

  test::TempPostgres& server_;
  test::TempDir folder_;
  std::string database_;
  Values values_;
  std::unique_ptr<Engine> engine_;
  std::map<std::string, std::unique_ptr<Conversation>> conversations_;  // after engine_: they die first
  std::string name_ = "main";                                           // of the conversation in use
  std::chrono::milliseconds timeout_{30'000};                           // of each statement
  std::string transcript_;
};

}  // namespace berth::script
