#include "parser/redact.h"
#include "statements/statement_facts.h"
#include "statements/submit_request.h"

namespace berth::statements {

std::string ShownSql(const StatementFacts& facts, const std::string& sql) {
  return facts.connection == kCatalogTarget ? parser::Redact(sql).text : sql;
}

}  // namespace berth::statements
