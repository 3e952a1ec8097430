#include "session/stain.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/strings.h"
#include "session/word_scan.h"

namespace berth::session {
namespace {

using Words = std::span<const std::string_view>;
bool In(Words words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr std::string_view kHarmless[] = {"select", "show",     "explain", "values",  "table", "fetch", "begin",
                                          "start",  "rollback", "abort",   "declare", "set",   "reset"};
constexpr std::string_view kLeadObjects[] = {"call", "do", "listen", "unlisten", "load", "use"};
constexpr std::string_view kLeadSettings[] = {"set", "reset", "prepare", "deallocate", "declare", "discard"};
constexpr std::string_view kLeadCommits[] = {"commit", "end", "call", "do"};
constexpr std::string_view kBeforeTemp[] = {"create", "replace", "local", "global", "into"};
constexpr std::string_view kBeforeRole[] = {"set", "session", "local"};

// Words that say it wherever they stand, or after the one word before them.
Stain StainOfWord(std::string_view word, std::string_view before) {
  if (word == "set_config") return Stain::kSettings;
  if (word == "pg_temp" || word.starts_with("pg_advisory_lock") || word.starts_with("pg_try_advisory_lock")) {
    return Stain::kObjects;
  }
  if ((word == "temp" || word == "temporary") && In(kBeforeTemp, before)) return Stain::kObjects;
  if (word == "into" && before != "insert" && before != "merge") return Stain::kObjects;
  if (word == "hold" && before == "with") return Stain::kObjects;
  if (word == "role" && In(kBeforeRole, before)) return Stain::kObjects;
  if (word == "authorization" && before == "session") return Stain::kObjects;
  return Stain::kNone;
}

// Whether the table after CREATE TABLE is named with a schema that is not of this session alone. Without one it may be
// a temporary table: by search_path, or on Redshift by a # before the name.
bool IsStored(WordScan scan) {
  bool any = scan.Next();
  if (any && scan.word() == "if") any = scan.Next() && scan.Next() && scan.Next();
  return any && !scan.unsure() && scan.dotted() && !scan.word().starts_with("pg_temp");
}

// The name after PREPARE; where it is not sure that this is code, there is no name to clean up by.
void NotePrepared(const WordScan& scan, TextFacts& facts) {
  if (scan.unsure()) {
    facts.stain = Stain::kObjects;
  } else if (scan.word() == "transaction") {
    facts.commits = true;
  } else {
    facts.prepared.push_back(scan.word());
  }
}

bool NamesRole(std::string_view sql) {
  const std::string lower = base::ToLower(sql);
  return lower.find("role") != std::string::npos || lower.find("session_authorization") != std::string::npos;
}

}  // namespace

TextFacts ReadText(std::string_view sql) {
  TextFacts facts;
  WordScan scan(sql);
  std::string before;
  bool config = false;
  bool preparing = false;
  while (scan.Next()) {
    const std::string& word = scan.word();
    if (preparing) NotePrepared(scan, facts);
    preparing = false;
    if (scan.first()) {
      if (!In(kHarmless, word)) facts.reads_only = false;
      if (In(kLeadCommits, word)) facts.commits = true;
      if (In(kLeadSettings, word)) facts.stain = Worse(facts.stain, Stain::kSettings);
      if (In(kLeadObjects, word)) facts.stain = Stain::kObjects;
      preparing = word == "prepare";
    }
    facts.stain = Worse(facts.stain, StainOfWord(word, before));
    if (word == "table" && (before == "create" || before == "unlogged")) {
      facts.stored_tables = facts.stain != Stain::kObjects && IsStored(scan);
      if (!facts.stored_tables) facts.stain = Stain::kObjects;
    }
    if (word == "into" || word == "analyze") facts.reads_only = false;
    config = config || word == "set_config";
    before = word;
  }
  // set_config('role', ..) names in a string what RESET ALL does not reset.
  if (config && NamesRole(sql)) facts.stain = Stain::kObjects;
  return facts;
}

Stain StainOfTag(std::string_view tag, bool stored_tables) {
  static constexpr std::string_view kNone[] = {
      "SELECT", "INSERT",  "UPDATE",  "DELETE",   "MERGE",    "COPY",      "UNLOAD",     "FETCH",   "MOVE",
      "CLOSE",  "BEGIN",   "START",   "COMMIT",   "ROLLBACK", "SAVEPOINT", "RELEASE",    "EXPLAIN", "SHOW",
      "CREATE", "ALTER",   "DROP",    "TRUNCATE", "GRANT",    "REVOKE",    "COMMENT",    "ANALYZE", "VACUUM",
      "LOCK",   "CLUSTER", "REINDEX", "REFRESH",  "CANCEL",   "NOTIFY",    "CHECKPOINT", "VALUES",  "REASSIGN"};
  static constexpr std::string_view kSettings[] = {"SET", "RESET", "PREPARE", "DEALLOCATE", "DECLARE", "DISCARD"};
  if (tag.empty()) return Stain::kNone;
  if (tag.starts_with("CREATE TABLE")) return stored_tables ? Stain::kNone : Stain::kObjects;
  if (tag.starts_with("SELECT INTO")) return Stain::kObjects;
  const std::string_view verb = tag.substr(0, tag.find(' '));
  if (In(kNone, verb)) return Stain::kNone;
  return In(kSettings, verb) ? Stain::kSettings : Stain::kObjects;
}

}  // namespace berth::session
