#pragma once

#include <string>

#include "statements/list_request.h"
#include "statements/result_page.h"
#include "statements/statement_facts.h"
#include "statements/warehouse_listing.h"

// The bodies of successful answers. Members without a value are left out; ResultRows, ResultSize and Duration are
// always there, -1 until they are known, because clients index them without asking.
namespace berth::dataapi {

std::string EncodeSubmitted(const statements::StatementFacts& facts);
std::string EncodeDescribed(const statements::StatementFacts& facts);
std::string EncodeCancelled();
std::string EncodeStatements(const statements::StatementPage& page);
std::string EncodeSessions(const statements::SessionPage& page);
// `with_format`: as GetStatementResultV2. Without the bytes of page.file, which stand before it.
std::string EncodeResult(statements::ResultPage page, bool with_format);
std::string EncodeNames(std::string_view member, const statements::NamePage& page);  // "Databases", "Schemas"
std::string EncodeTables(const statements::TablePage& page);
std::string EncodeColumns(const statements::ColumnPage& page);

}  // namespace berth::dataapi
