#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "berth/error.h"
#include "dependents/table_use.h"

// What the two readers of a statement, by grammar and by tokens, tell body_tables.cc.
namespace berth::dependents {

enum class Use : std::uint8_t {
  kReads,
  kWrites,  // or changes, or drops
  kMakes,
  kMakesTemporary,  // it is gone with its session: nobody can depend on it
};

struct Mention {
  std::string schema, table;  // the schema is empty where none is written
  std::string database;       // of a name of three parts; else empty
  Use use = Use::kReads;
  Found found = Found::kParsed;
  SourceSpan name;  // in the statement
};

struct StatementTables {
  std::vector<Mention> mentions;           // in the order of the text, as far as the reader knows it
  std::optional<std::string> search_path;  // set by this statement: the schema of later names that have none
};

}  // namespace berth::dependents
