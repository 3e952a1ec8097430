#pragma once

#include <memory>
#include <string>

#include "berth/engine.h"
#include "berth/error.h"
#include "bind/connection_options.h"
#include "catalog/store.h"
#include "parser/ast.h"

// What a client of a service may say to the catalog (Conversation::Serve):
// - everybody: SHOW, and SELECT on system tables, whose rows are those of connections that he may use, and of himself;
// - a service user with ADMIN: all rows, and the statements that change the catalog;
// - nobody: what opens a session (TEST, USE, EXECUTE ON, statements on tables), what reads something on the service's
//   machine (PASSWORD = ENV, FILE, COMMAND, PROMPT), or what shows a secret, which would stay in a stored result.
namespace berth::engine {

struct Served {
  std::string user;
  bool admin = false;
  bool reads_all = false;
};

// Who he is by what the catalog says now. Errors: kPermissionDenied (42501): he was dropped.
Result<Served> ReadServed(catalog::Transaction& transaction, const ServedUser& user);
// Whether the statement changes nothing.
bool ReadsOnly(const parser::Statement& statement);
// Errors: kPermissionDenied for what nobody may say through a service.
Status CheckServedStatement(const parser::Statement& statement);
Error NeedsAdmin(const Served& served);

// The catalog as he may see it: of connections those that he was granted, of jobs those that touch these alone, of
// groups those with such a member, of users, keys and grants his own. Refuses all changes (kPermissionDenied).
// `transaction` must outlive it.
Result<std::unique_ptr<catalog::Transaction>> VisibleTo(const Served& served, catalog::Transaction& transaction);

// Of a CREATE or ALTER CONNECTION through a service, `is` null for a CREATE. A stored password goes nowhere else, and
// in no weaker way, than where it was given for: another host or port, a weaker sslmode or another root wants it again.
// Errors: kPermissionDenied.
Status CheckServedChange(const catalog::Connection* is, const catalog::Connection& wanted,
                         const bind::ConnectionOptions& options, parser::Span span);

}  // namespace berth::engine
