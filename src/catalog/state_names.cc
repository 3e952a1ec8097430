#include "catalog/state_names.h"

#include <fmt/core.h>

namespace berth::catalog {

std::string_view TableStateName(TableState state) {
  switch (state) {
    case TableState::kRecorded:
      return "recorded";
    case TableState::kCreating:
      return "creating";
    case TableState::kDropping:
      return "dropping";
  }
  return "";
}

TableState TableStateOf(std::string_view name) {
  if (name == "creating") return TableState::kCreating;
  if (name == "dropping") return TableState::kDropping;
  return TableState::kRecorded;
}

Role RoleOf(std::string_view name) {
  if (name == "target") return Role::kTarget;
  if (name == "source") return Role::kSource;
  if (name == "staging") return Role::kStaging;
  return Role::kConnection;
}

Found FoundOf(std::string_view name) {
  if (name == "parsed") return Found::kParsed;
  if (name == "scanned") return Found::kScanned;
  return Found::kDeclared;
}

std::string_view PasswordKindName(PasswordKind kind) {
  switch (kind) {
    case PasswordKind::kLiteral:
      return "literal";
    case PasswordKind::kEnv:
      return "env";
    case PasswordKind::kFile:
      return "file";
    case PasswordKind::kCommand:
      return "command";
    case PasswordKind::kPrompt:
    case PasswordKind::kSecret:
      return "prompt";
  }
  return "";
}

PasswordKind PasswordKindOf(std::string_view name) {
  if (name == "env") return PasswordKind::kEnv;
  if (name == "file") return PasswordKind::kFile;
  if (name == "command") return PasswordKind::kCommand;
  if (name == "prompt") return PasswordKind::kPrompt;
  return PasswordKind::kLiteral;
}

Error NoSuchRow(std::string_view kind, std::int64_t id) {
  return {.code = ErrorCode::kNotFound, .message = fmt::format("The catalog has no {} with the id {}", kind, id)};
}

Error MissingConnection(Error error, std::int64_t connection_id) {
  if (error.code != ErrorCode::kDependentsExist) return error;
  return {.code = ErrorCode::kNotFound,
          .message = fmt::format("The catalog has no connection with the id {}", connection_id)};
}

}  // namespace berth::catalog
