#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace berth::test {

// In what a RedshiftProxy differs from the PostgreSQL behind it; each can be turned off by itself.
struct RedshiftManners {
  bool version = true;          // 8.0.2 and UNICODE as parameters, version() with "Redshift" in it; svv_external_tables
  bool strings = true;          // a backslash escapes; no standard_conforming_strings, no E''
  bool startup_options = true;  // unknown settings in the startup packet are refused
  bool settings = true;       // SET of settings that only PostgreSQL has is refused; query_group and its like are known
  bool savepoints = true;     // SAVEPOINT, RELEASE and ROLLBACK TO are refused
  bool session_words = true;  // DISCARD and DEALLOCATE ALL are refused
  bool advisory_locks = true;  // their functions do not exist
  bool copy = true;            // COPY only from S3, UNLOAD; made-up counts; stl_load_errors after a COPY from s3://bad
  bool digest_login = false;   // asks for authentication method 13, whoever comes
};

inline constexpr char kRedshiftVersion[] =
    "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift "
    "1.0.77467";

// What is to be said in the place of what PostgreSQL says of a mark.
struct RedshiftWords {
  std::string severity = "ERROR";
  std::string sqlstate;
  std::string message;
  std::string hint;
  std::string tag;           // of the command that follows; empty: PostgreSQL's own
  std::size_t position = 0;  // in characters from 1; 0: none
};

// One link's texts, rewritten so that PostgreSQL behaves as Redshift: a refused text becomes one that is no SQL, a COPY
// or UNLOAD becomes a DO that says something. Each holds a mark, by which the answer finds its words. So order and
// transaction state stay PostgreSQL's own, by the simple protocol and by the extended one. Two threads: one rewrites,
// the other looks up.
class RedshiftDialect {
 public:
  explicit RedshiftDialect(const RedshiftManners& manners) : manners_(manners) {}

  std::string Rewrite(std::string_view sql);
  // The words for a message of PostgreSQL's that holds a mark; null: it holds none.
  const RedshiftWords* Find(std::string_view message);

 private:
  friend struct StatementRewriter;
  std::string Mark(RedshiftWords words);

  const RedshiftManners manners_;
  std::string failed_table_;  // of the last COPY that failed; empty: none did
  std::mutex mutex_;
  std::map<std::size_t, RedshiftWords> words_;  // under mutex_; by mark, as a prepared text may be run again
};

}  // namespace berth::test
