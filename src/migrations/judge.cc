#include "migrations/judge.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace berth::migrations {
namespace {

// The last word on a part, from the catalog or from a warehouse. Texts are those of the rows it was made of.
struct Said {
  std::string_view checksum, connection;
  std::optional<std::int64_t> connection_id;
  bool success = true;
  std::int64_t started = 0, done = 0;
};

// What a history knows of one key.
struct Record {
  std::optional<std::string> version;
  std::string_view description, script;
  std::string_view installed_on, installed_by;
  std::int64_t parts = 0;
  std::map<std::int64_t, Said> said;  // by part

  bool any_success() const {
    return std::ranges::any_of(said, [](const auto& entry) { return entry.second.success; });
  }
};
using Records = std::map<std::string, Record>;

std::string KeyOfRow(const std::optional<std::string>& version, const std::string& description) {
  return KeyOf(version ? Version::Parse(*version) : std::nullopt, description);
}

Records OfCatalog(std::span<const catalog::MigrationRow> rows) {
  Records records;
  for (const auto& row : rows) {
    const auto key = KeyOfRow(row.version, row.description);
    if (row.type == catalog::MigrationRow::Type::kDelete) {
      records.erase(key);
      continue;
    }
    auto& record = records[key];
    record.version = row.version;
    record.description = row.description;
    record.script = row.script;
    record.installed_on = row.installed_on;
    record.installed_by = row.installed_by;
    record.parts = row.parts;
    if (row.type == catalog::MigrationRow::Type::kStart) continue;
    record.said[row.part] = {.checksum = row.checksum, .connection = row.target, .connection_id = row.connection_id};
  }
  return records;
}

Records OfWarehouse(std::span<const WarehouseRow> rows) {
  Records records;
  for (const auto& row : rows) {
    const auto key = KeyOfRow(row.version, row.description);
    if (row.deleted) {
      records.erase(key);
      continue;
    }
    auto& record = records[key];
    record.version = row.version;
    record.description = row.description;
    record.script = row.script;
    record.installed_on = row.installed_on;
    record.installed_by = row.installed_by;
    record.said[row.part] = {
        .checksum = row.checksum, .success = row.success, .started = row.started, .done = row.done};
  }
  return records;
}

bool SaysWhole(const Record& record, const File& file) {
  if (record.parts == 0 || record.script != file.script) return false;
  for (std::int64_t part = 1; part <= record.parts; ++part) {
    const auto said = record.said.find(part);
    if (said == record.said.end() || said->second.checksum != file.checksum) return false;
  }
  return true;
}

class Judgement {
 public:
  explicit Judgement(const Evidence& evidence) : evidence_(evidence), catalog_(OfCatalog(evidence.catalog)) {
    for (const auto& [connection, rows] : evidence.warehouses) warehouses_.emplace(connection, OfWarehouse(rows));
  }

  std::vector<FileState> All() {
    std::vector<FileState> states;
    for (const auto& file : evidence_.files) states.push_back(OfFile(file));
    MarkOutOfOrder(states);
    AddMissing(states);
    return states;
  }

 private:
  FileState OfFile(const File& file) {
    FileState state{.file = &file,
                    .version = file.version ? file.version->Text() : "",
                    .description = file.description,
                    .script = file.script};
    const auto record = catalog_.find(file.Key());
    if (record != catalog_.end()) {
      state.installed_on = record->second.installed_on;
      state.installed_by = record->second.installed_by;
    }
    NameHistories(file.Key(), state);
    if (record != catalog_.end() && SaysWhole(record->second, file)) {
      TakeRecorded(record->second, state);
    } else {
      TakeParts(file, record == catalog_.end() ? nullptr : &record->second, state);
    }
    return state;
  }

  // Which warehouses tell of it, and under which name it is known.
  void NameHistories(const std::string& key, FileState& state) const {
    const auto look = [&](const Records& records) {
      const auto record = records.find(key);
      if (record == records.end()) return false;
      if (record->second.script != state.script) state.recorded_script = record->second.script;
      return true;
    };
    look(catalog_);
    for (const auto& [connection, records] : warehouses_) {
      if (look(records)) state.histories.push_back(connection);
    }
  }

  const Said* InWarehouse(const std::string& connection, const std::string& key, std::int64_t part) const {
    const auto history = warehouses_.find(connection);
    if (history == warehouses_.end()) return nullptr;
    const auto record = history->second.find(key);
    if (record == history->second.end()) return nullptr;
    const auto said = record->second.said.find(part);
    return said == record->second.said.end() ? nullptr : &said->second;
  }

  // The catalog knows that all is done; each warehouse that can be asked must know it as well.
  void TakeRecorded(const Record& record, FileState& state) {
    state.word = Word::kSuccess;
    for (const auto& [number, said] : record.said) {
      if (number > record.parts) continue;
      state.parts.push_back({.connection = std::string(said.connection), .done = true, .recorded = true});
      if (said.connection.empty()) continue;
      const auto connection = evidence_.connections.find(said.connection_id.value_or(0));
      if (connection == evidence_.connections.end() || !evidence_.warehouses.contains(connection->second)) continue;
      const auto* const there = InWarehouse(connection->second, state.file->Key(), number);
      if (there != nullptr && there->success) continue;
      state.parts.back().lost = true;
      state.parts.back().connection = connection->second;
      state.word = Word::kLost;
      state.problem =
          fmt::format("was applied to connection {}, whose history knows nothing of it", connection->second);
      state.hint =
          "Was the warehouse restored from a copy, or does the connection lead elsewhere now? Put that right; or say "
          "`berth migrate repair --assume applied` (the work is there) or `--assume not-applied` (`up` applies it).";
    }
  }

  void TakeParts(const File& file, const Record* record, FileState& state) {
    const auto parts = evidence_.parts.find(file.script);
    if (parts == evidence_.parts.end()) return;
    bool other_text = record != nullptr && record->script != file.script && file.version;
    bool begun = record != nullptr;
    bool in_doubt = false;
    for (std::size_t i = 0; i < parts->second.size(); ++i) {
      const auto number = static_cast<std::int64_t>(i + 1);
      PartState part{.connection = parts->second[i].connection};
      const Said* recorded = nullptr;
      if (record != nullptr) {
        const auto said = record->said.find(number);
        if (said != record->said.end()) recorded = &said->second;
      }
      const Said* const there = part.connection.empty() ? nullptr : InWarehouse(part.connection, file.Key(), number);
      for (const Said* said : {recorded, there}) {
        if (said == nullptr) continue;
        begun = true;
        const bool same = said->checksum == file.checksum;
        if (!same) other_text = true;
        if (same && said->success) part.done = true;
        if (same && said == recorded) part.recorded = true;
      }
      if (there != nullptr && !there->success) {
        part.started = there->started;
        part.statements_done = there->done;
        in_doubt = in_doubt || there->started != there->done;
      }
      state.parts.push_back(std::move(part));
    }
    Decide(file, {.begun = begun, .other_text = other_text, .in_doubt = in_doubt}, state);
  }

  struct Found {
    bool begun = false, other_text = false, in_doubt = false;
  };
  static void Decide(const File& file, const Found& found, FileState& state) {
    const auto done = std::ranges::count_if(state.parts, &PartState::done);
    if (found.in_doubt) {
      state.word = Word::kInDoubt;
      state.problem = "was cut off in a statement, and nobody heard whether that was applied";
      state.hint =
          "Look on the warehouse, then say `berth migrate repair --assume applied` or `berth migrate repair --assume "
          "not-applied`.";
    } else if (found.other_text && file.version) {
      state.word = Word::kChanged;
      state.problem = "was changed after it was applied or begun";
      state.hint =
          "Put the old text and name back and write the change as a new migration; or, if the texts do the same, "
          "`berth migrate repair` takes over the new one.";
    } else if (done == static_cast<std::ptrdiff_t>(state.parts.size())) {
      state.word = Word::kSuccess;
    } else if (done == 0 && found.other_text) {
      state.word = Word::kOutdated;
    } else {
      state.word = found.begun ? Word::kHalfDone : Word::kPending;
    }
  }

  void MarkOutOfOrder(std::vector<FileState>& states) const {
    std::optional<Version> newest;
    const auto look = [&newest](const Records& records) {
      for (const auto& [_, record] : records) {
        if (!record.version || !record.any_success()) continue;
        if (const auto version = Version::Parse(*record.version); version && (!newest || *newest < *version))
          newest = version;
      }
    };
    look(catalog_);
    for (const auto& [_, records] : warehouses_) look(records);
    for (auto& state : states) {
      if (state.word != Word::kPending || !state.file->version || !newest || *state.file->version > *newest) continue;
      state.word = Word::kOutOfOrder;
      state.problem = fmt::format("was not applied, and version {} was", newest->Text());
      state.hint = fmt::format("Give it a version above {}.", newest->Text());
    }
  }

  void AddMissing(std::vector<FileState>& states) const {
    std::map<std::string, const File*> known;
    for (const auto& file : evidence_.files) known.emplace(file.Key(), &file);
    std::map<std::string, const Record*> missing;
    const auto look = [&](const Records& records) {
      for (const auto& [key, record] : records) {
        if (!known.contains(key)) missing.emplace(key, &record);
      }
    };
    look(catalog_);
    for (const auto& [_, records] : warehouses_) look(records);
    for (const auto& [key, record] : missing) {
      auto& state =
          states.emplace_back(FileState{.version = record->version.value_or(""),
                                        .description = std::string(record->description),
                                        .script = std::string(record->script),
                                        .word = Word::kMissing,
                                        .installed_on = std::string(record->installed_on),
                                        .installed_by = std::string(record->installed_by),
                                        .problem = "was applied, and no file is there",
                                        .hint = "Put the file back; or `berth migrate repair` marks it as deleted."});
      NameHistories(key, state);
    }
  }

  const Evidence& evidence_;
  const Records catalog_;
  std::map<std::string, Records> warehouses_;
};

}  // namespace

std::string_view WordText(Word word) {
  switch (word) {
    case Word::kPending:
      return "Pending";
    case Word::kSuccess:
      return "Success";
    case Word::kOutdated:
      return "Outdated";
    case Word::kHalfDone:
      return "Half done";
    case Word::kInDoubt:
      return "In doubt";
    case Word::kChanged:
      return "Changed";
    case Word::kMissing:
      return "Missing";
    case Word::kOutOfOrder:
      return "Out of order";
    case Word::kLost:
      return "Lost";
  }
  return {};
}

bool IsDrift(Word word) {
  return word == Word::kInDoubt || word == Word::kChanged || word == Word::kMissing || word == Word::kOutOfOrder ||
         word == Word::kLost;
}

bool IsToDo(Word word) {
  return word == Word::kPending || word == Word::kOutdated || word == Word::kHalfDone;
}

bool FileState::recorded() const {
  return std::ranges::all_of(parts, [](const PartState& part) { return part.recorded || !part.done; });
}

std::set<std::string> RecordedWhole(std::span<const File> files, std::span<const catalog::MigrationRow> catalog) {
  const auto records = OfCatalog(catalog);
  std::set<std::string> whole;
  for (const auto& file : files) {
    const auto record = records.find(file.Key());
    if (record != records.end() && SaysWhole(record->second, file)) whole.insert(file.script);
  }
  return whole;
}

bool DoneByCatalog(std::span<const File> files, std::span<const catalog::MigrationRow> history,
                   std::span<const catalog::ConnectionChange> changes) {
  const auto records = OfCatalog(history);
  if (records.size() != files.size()) return false;
  for (const auto& file : files) {
    const auto record = records.find(file.Key());
    if (record == records.end() || !SaysWhole(record->second, file)) return false;
  }
  std::map<std::int64_t, std::string> newest;  // by connection
  for (const auto& row : history) {
    if (!row.connection_id) continue;
    auto& at = newest[*row.connection_id];
    at = std::max(at, row.installed_on);
  }
  return std::ranges::none_of(changes, [&newest](const catalog::ConnectionChange& change) {
    const auto last = newest.find(change.id);
    return last != newest.end() && change.modified_at >= last->second;
  });
}

std::vector<FileState> Judge(const Evidence& evidence) {
  return Judgement(evidence).All();
}

}  // namespace berth::migrations
