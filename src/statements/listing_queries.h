#pragma once

#include "berth/deadline.h"
#include "berth/engine.h"
#include "statements/warehouse_listing.h"

// ListDatabases, ListSchemas, ListTables and DescribeTable: one query each, patterns and places as its parameters. The
// conversation has the connection in use. Errors: kInvalidArgument (the token), the server's.
namespace berth::statements {

Result<NamePage> AskDatabases(Conversation& conversation, const ListingRequest& request);
Result<NamePage> AskSchemas(Conversation& conversation, const ListingRequest& request);
Result<TablePage> AskTables(Conversation& conversation, const ListingRequest& request);
Result<ColumnPage> AskColumns(Conversation& conversation, const ListingRequest& request);

}  // namespace berth::statements
