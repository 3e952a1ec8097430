#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "berth/error.h"

// What was said, before anyone asks what it means: plain structs, no methods. Meaning lives in bind/ and engine/.
namespace berth::parser {

// Where a node stood; two nodes are equal wherever they stood.
struct Span : SourceSpan {
  friend bool operator==(const Span&, const Span&) { return true; }
};

// A bare name arrives folded to lower case, a quoted one as it was written.
struct Identifier {
  std::string name;
  Span span;
  friend bool operator==(const Identifier&, const Identifier&) = default;
};

enum class ValueForm : std::uint8_t {
  kString,      // 'text'
  kNumber,      // 10, -3, 1.5: as written, in text
  kBoolean,     // TRUE FALSE: "true" or "false" in text
  kIdentifier,  // a name, folded
  kDuration,    // 30 SECONDS: text "30", unit "second" (singular, lower case)
  kList,        // ('a', 'b'): items in list
  kSecret,      // SECRET s
  kEnv,         // ENV 'V'
  kFile,        // FILE 'path'
  kCommand,     // COMMAND 'program arg ..'
  kPrompt,      // PROMPT
  kTimestamp,   // TIMESTAMP '2026-11-22 13:00:00'
};
struct Value {
  ValueForm form = ValueForm::kString;
  std::string text;
  std::string unit;
  std::vector<std::string> list;
  Span span;
  friend bool operator==(const Value&, const Value&) = default;
};

// NAME = value, as written; which names there are is bind/'s business. The name is upper-cased.
struct Option {
  Identifier name;
  Value value;
  friend bool operator==(const Option&, const Option&) = default;
};

// c.schema.table
struct TableName {
  Identifier connection, schema, table;
  friend bool operator==(const TableName&, const TableName&) = default;
};

enum class DropBehavior : std::uint8_t { kDefault, kRestrict, kCascade };

struct CreateConnection {
  bool or_replace = false, if_not_exists = false;
  Identifier name;
  std::vector<Option> options;
  bool validate = false;  // WITH (VALIDATE = TRUE)
  friend bool operator==(const CreateConnection&, const CreateConnection&) = default;
};
struct AlterConnectionSet {
  std::vector<Option> options;
  friend bool operator==(const AlterConnectionSet&, const AlterConnectionSet&) = default;
};
struct AlterConnectionUnset {
  std::vector<Identifier> options;  // upper-cased
  friend bool operator==(const AlterConnectionUnset&, const AlterConnectionUnset&) = default;
};
struct AlterConnectionRename {
  Identifier new_name;
  friend bool operator==(const AlterConnectionRename&, const AlterConnectionRename&) = default;
};
struct AlterConnection {
  bool if_exists = false;
  Identifier name;
  std::variant<AlterConnectionSet, AlterConnectionUnset, AlterConnectionRename> change;
  bool validate = false;
  friend bool operator==(const AlterConnection&, const AlterConnection&) = default;
};
struct DropConnection {
  bool if_exists = false;
  Identifier name;
  DropBehavior behavior = DropBehavior::kDefault;
  friend bool operator==(const DropConnection&, const DropConnection&) = default;
};

struct ShowConnections {
  std::optional<std::string> like;
  friend bool operator==(const ShowConnections&, const ShowConnections&) = default;
};
struct ShowConnectionOptions {
  friend bool operator==(const ShowConnectionOptions&, const ShowConnectionOptions&) = default;
};
struct ShowCreateConnection {
  Identifier name;
  friend bool operator==(const ShowCreateConnection&, const ShowCreateConnection&) = default;
};
struct ShowDependents {
  Identifier name;
  bool verify = false;  // the warehouse is asked which tables it has
  friend bool operator==(const ShowDependents&, const ShowDependents&) = default;
};

// SHOW DEPENDENTS OF SECRET s
struct ShowSecretDependents {
  Identifier name;
  friend bool operator==(const ShowSecretDependents&, const ShowSecretDependents&) = default;
};

// TEST CONNECTION c | VALIDATE CONNECTION c
struct TestConnection {
  Identifier name;
  friend bool operator==(const TestConnection&, const TestConnection&) = default;
};

// PAUSE CONNECTION c [FOR 30 MINUTES | FOR '30m'] [WAIT | REFUSE] [COMMENT 'why']
enum class PauseMode : std::uint8_t { kDefault, kWait, kRefuse };
struct PauseConnection {
  Identifier name;
  std::optional<Value> duration;  // kDuration or kString
  PauseMode mode = PauseMode::kDefault;
  std::optional<std::string> comment;
  friend bool operator==(const PauseConnection&, const PauseConnection&) = default;
};
struct ResumeConnection {
  Identifier name;
  friend bool operator==(const ResumeConnection&, const ResumeConnection&) = default;
};

struct CreateGroup {
  bool or_replace = false, if_not_exists = false;
  Identifier name;
  std::vector<Option> options;
  friend bool operator==(const CreateGroup&, const CreateGroup&) = default;
};
struct AlterGroup {
  bool if_exists = false;
  Identifier name;
  std::variant<AlterConnectionSet, AlterConnectionUnset, AlterConnectionRename> change;
  friend bool operator==(const AlterGroup&, const AlterGroup&) = default;
};
struct DropGroup {
  bool if_exists = false;
  Identifier name;
  friend bool operator==(const DropGroup&, const DropGroup&) = default;
};
struct ShowGroups {
  std::optional<std::string> like;
  friend bool operator==(const ShowGroups&, const ShowGroups&) = default;
};
struct ShowCreateGroup {
  Identifier name;
  friend bool operator==(const ShowCreateGroup&, const ShowCreateGroup&) = default;
};

// ALTER REDSHIFT CONNECTION c ROTATE PASSWORD
struct RotatePassword {
  Identifier name;
  friend bool operator==(const RotatePassword&, const RotatePassword&) = default;
};

// CREATE SECRET s AS value: what PASSWORD = SECRET s stands for.
struct CreateSecret {
  bool or_replace = false, if_not_exists = false;
  Identifier name;
  Value value;
  friend bool operator==(const CreateSecret&, const CreateSecret&) = default;
};
struct AlterSecret {
  bool if_exists = false;
  Identifier name;
  std::variant<Value, AlterConnectionRename> change;
  friend bool operator==(const AlterSecret&, const AlterSecret&) = default;
};
struct DropSecret {
  bool if_exists = false;
  Identifier name;
  DropBehavior behavior = DropBehavior::kDefault;
  friend bool operator==(const DropSecret&, const DropSecret&) = default;
};
struct ShowSecrets {
  std::optional<std::string> like;
  friend bool operator==(const ShowSecrets&, const ShowSecrets&) = default;
};
struct ShowCreateSecret {
  Identifier name;
  friend bool operator==(const ShowCreateSecret&, const ShowCreateSecret&) = default;
};

// SHOW HISTORY OF CONNECTION c: c may be a name that it once had.
struct ShowHistory {
  Identifier name;
  friend bool operator==(const ShowHistory&, const ShowHistory&) = default;
};

struct ShowPools {
  friend bool operator==(const ShowPools&, const ShowPools&) = default;
};
struct ShowSlots {
  Identifier name;
  friend bool operator==(const ShowSlots&, const ShowSlots&) = default;
};
struct ShowSessions {
  Identifier name;
  friend bool operator==(const ShowSessions&, const ShowSessions&) = default;
};

// CREATE TABLE [IF NOT EXISTS] c.s.t <rest>: the rest is the warehouse's and is kept byte for byte.
struct CreateTable {
  bool if_not_exists = false;
  TableName name;
  std::string rest;
  Span rest_span;
  friend bool operator==(const CreateTable&, const CreateTable&) = default;
};
struct DropTable {
  bool if_exists = false;
  TableName name;
  DropBehavior behavior = DropBehavior::kDefault;  // goes to the warehouse
  friend bool operator==(const DropTable&, const DropTable&) = default;
};
struct AttachTable {
  TableName name;
  friend bool operator==(const AttachTable&, const AttachTable&) = default;
};
struct DetachTable {
  TableName name;
  friend bool operator==(const DetachTable&, const DetachTable&) = default;
};

// The body is kept byte for byte; `script`: it stood between dollar quotes. The name of a job may be a string in every
// statement: 'airflow:dag_x'. It never folds then.
struct CreateJob {
  bool or_replace = false, if_not_exists = false, sync = false;
  Identifier name;
  std::vector<Option> options;
  bool script = false;
  std::string body;
  Span body_span;  // of the body's bytes, without the quotes
  friend bool operator==(const CreateJob&, const CreateJob&) = default;
};
struct AlterJob {
  bool if_exists = false;
  Identifier name;
  std::variant<AlterConnectionSet, AlterConnectionUnset, AlterConnectionRename> change;
  friend bool operator==(const AlterJob&, const AlterJob&) = default;
};
struct DropJob {
  bool if_exists = false;
  Identifier name;
  friend bool operator==(const DropJob&, const DropJob&) = default;
};
struct AttachJob {
  Identifier name;
  std::vector<Identifier> connections;
  friend bool operator==(const AttachJob&, const AttachJob&) = default;
};
struct DetachJob {
  bool if_exists = false;
  Identifier name;
  friend bool operator==(const DetachJob&, const DetachJob&) = default;
};
struct ShowJobs {
  std::optional<std::string> like;
  friend bool operator==(const ShowJobs&, const ShowJobs&) = default;
};
struct ShowCreateJob {
  Identifier name;
  friend bool operator==(const ShowCreateJob&, const ShowCreateJob&) = default;
};

// Its schedule rests; RUN JOB still runs it.
struct PauseJob {
  Identifier name;
  friend bool operator==(const PauseJob&, const PauseJob&) = default;
};
struct ResumeJob {
  Identifier name;
  friend bool operator==(const ResumeJob&, const ResumeJob&) = default;
};
// RUN JOB j [TIMEOUT 10 MINUTES | TIMEOUT '10m']
struct RunJob {
  Identifier name;
  std::optional<Value> timeout;  // kDuration or kString
  friend bool operator==(const RunJob&, const RunJob&) = default;
};
struct ShowJobRuns {
  std::optional<Identifier> job;  // else of all
  friend bool operator==(const ShowJobRuns&, const ShowJobRuns&) = default;
};
struct CreateServiceUser {
  bool if_not_exists = false;
  Identifier name;
  std::vector<Option> options;
  friend bool operator==(const CreateServiceUser&, const CreateServiceUser&) = default;
};
struct AlterServiceUser {
  bool if_exists = false;
  Identifier name;
  std::variant<AlterConnectionSet, AlterConnectionUnset> change;
  friend bool operator==(const AlterServiceUser&, const AlterServiceUser&) = default;
};
struct DropServiceUser {
  bool if_exists = false;
  Identifier name;
  friend bool operator==(const DropServiceUser&, const DropServiceUser&) = default;
};
struct ShowServiceUsers {
  std::optional<std::string> like;
  friend bool operator==(const ShowServiceUsers&, const ShowServiceUsers&) = default;
};
// The id of a key may be a name or a string, in any case; it arrives in capitals.
struct CreateAccessKey {
  Identifier user;
  std::vector<Option> options;
  friend bool operator==(const CreateAccessKey&, const CreateAccessKey&) = default;
};
struct EnableAccessKey {
  bool enable = true;  // else DISABLE
  Identifier key;
  friend bool operator==(const EnableAccessKey&, const EnableAccessKey&) = default;
};
struct DropAccessKey {
  bool if_exists = false;
  Identifier key;
  friend bool operator==(const DropAccessKey&, const DropAccessKey&) = default;
};
struct ShowAccessKeys {
  std::optional<Identifier> user;
  friend bool operator==(const ShowAccessKeys&, const ShowAccessKeys&) = default;
};
struct GrantUsage {
  Identifier connection, user;
  std::vector<Option> limits;
  friend bool operator==(const GrantUsage&, const GrantUsage&) = default;
};
struct RevokeUsage {
  Identifier connection, user;
  friend bool operator==(const RevokeUsage&, const RevokeUsage&) = default;
};
// ON CONNECTION c or TO SERVICE USER u: one of them at most.
struct ShowGrants {
  std::optional<Identifier> connection, user;
  friend bool operator==(const ShowGrants&, const ShowGrants&) = default;
};

struct Use {
  bool connection_keyword = false;  // USE CONNECTION c is never the server's
  Identifier name;
  friend bool operator==(const Use&, const Use&) = default;
};
struct ExecuteOnConnection {
  Identifier connection;
  std::string text;  // sent untouched
  Span text_span;
  friend bool operator==(const ExecuteOnConnection&, const ExecuteOnConnection&) = default;
};

// SET berth.name = value | SET berth.name TO value; SHOW berth.name. The name comes without "berth.".
struct SetSetting {
  Identifier name;
  Value value;
  friend bool operator==(const SetSetting&, const SetSetting&) = default;
};
struct ShowSetting {
  Identifier name;
  friend bool operator==(const ShowSetting&, const ShowSetting&) = default;
};

// EXPLAIN statement: what it would change.
using Explained = std::variant<CreateConnection, AlterConnection, DropConnection, CreateGroup, AlterGroup, DropGroup,
                               CreateSecret, AlterSecret, DropSecret, CreateTable, DropTable, AttachTable, DetachTable,
                               CreateJob, AlterJob, DropJob, AttachJob, DetachJob, CreateServiceUser, AlterServiceUser,
                               DropServiceUser, GrantUsage, RevokeUsage, CreateAccessKey, EnableAccessKey,
                               DropAccessKey, RotatePassword, PauseConnection, ResumeConnection, PauseJob, ResumeJob>;
struct Explain {
  Explained statement;
  friend bool operator==(const Explain&, const Explain&) = default;
};

using Statement =
    std::variant<CreateConnection, AlterConnection, DropConnection, ShowConnections, ShowConnectionOptions,
                 ShowCreateConnection, ShowDependents, TestConnection, CreateTable, DropTable, AttachTable, DetachTable,
                 CreateJob, AlterJob, DropJob, AttachJob, DetachJob, ShowJobs, ShowCreateJob, Use, ExecuteOnConnection,
                 SetSetting, ShowSetting, PauseConnection, ResumeConnection, CreateGroup, AlterGroup, DropGroup,
                 ShowGroups, ShowCreateGroup, ShowPools, ShowSlots, ShowSessions, PauseJob, ResumeJob, RunJob,
                 ShowJobRuns, CreateServiceUser, AlterServiceUser, DropServiceUser, ShowServiceUsers, CreateAccessKey,
                 EnableAccessKey, DropAccessKey, ShowAccessKeys, GrantUsage, RevokeUsage, ShowGrants, RotatePassword,
                 CreateSecret, AlterSecret, DropSecret, ShowSecrets, ShowCreateSecret, ShowHistory, Explain,
                 ShowSecretDependents>;

}  // namespace berth::parser
