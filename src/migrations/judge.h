#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"
#include "catalog/records.h"
#include "migrations/folder.h"
#include "migrations/parts.h"
#include "migrations/warehouse.h"

namespace berth::migrations {

enum class Word : std::uint8_t {
  kPending,
  kSuccess,
  kOutdated,    // a repeatable one whose text has changed
  kHalfDone,    // begun and not ended: `up` goes on with it
  kInDoubt,     // a statement was sent and nobody heard of it
  kChanged,     // after it was applied
  kMissing,     // it was applied, and no file is there
  kOutOfOrder,  // not applied, and older than one that was
  kLost,        // applied, says the catalog; the warehouse knows nothing of it
};
std::string_view WordText(Word word);  // "Pending", "Success", "Half done" ..
bool IsDrift(Word word);               // `up` stops at it
bool IsToDo(Word word);                // `up` applies it

struct PartState {
  std::string connection;  // empty: the catalog
  bool done = false;
  bool recorded = false;     // the catalog knows that it is done
  bool lost = false;         // .. and the warehouse does not
  std::int64_t started = 0;  // statements, where the file is run statement by statement
  std::int64_t statements_done = 0;
};

// A file, or what is left of one in a history.
struct FileState {
  const File* file = nullptr;                // null: missing
  std::string version, description, script;  // version empty: repeatable
  Word word = Word::kPending;
  std::vector<PartState> parts;
  std::string installed_on, installed_by;
  std::string problem, hint;           // of drift: what to do about it
  std::string recorded_script;         // the name that histories know it by, where that is another
  std::vector<std::string> histories;  // the connections whose history tells of it

  bool recorded() const;  // the catalog knows of every part that is done
};

// What the judgement rests on.
struct Evidence {
  std::span<const File> files;
  std::span<const catalog::MigrationRow> catalog;
  // By connection; one that was not asked (it was dropped) is not in it.
  std::map<std::string, std::vector<WarehouseRow>> warehouses;
  // The connections of the catalog by id.
  std::map<std::int64_t, std::string> connections;
  // Of files that the catalog does not know to be done, by script.
  std::map<std::string, std::vector<Part>> parts;
};

// The scripts of the files of which the catalog says that this very text is done: their parts need not be known.
std::set<std::string> RecordedWhole(std::span<const File> files, std::span<const catalog::MigrationRow> catalog);

// The catalog's history alone shows that nothing is to be done: it knows every file as done, with this very text, and
// no other file; and none of the connections that it names was changed since. Whether a warehouse still has what it was
// given is not asked here: that is what Judge() is for.
bool DoneByCatalog(std::span<const File> files, std::span<const catalog::MigrationRow> history,
                   std::span<const catalog::ConnectionChange> changes);

// Where each file stands, in the order of files, then missing ones. Pure.
std::vector<FileState> Judge(const Evidence& evidence);

}  // namespace berth::migrations
