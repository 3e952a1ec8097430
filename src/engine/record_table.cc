#include "engine/record_table.h"

#include <utility>

#include "base/try.h"
#include "engine/names.h"
#include "engine/usages.h"

namespace berth::engine {

Status RecordTable(catalog::Transaction& transaction, TableWork work, const parser::TableName& name) {
  const auto& schema = name.schema.name;
  const auto& table = name.table.name;
  BERTH_ASSIGN(const auto connection, RequireConnection(transaction, name.connection));
  BERTH_ASSIGN(const auto found, transaction.FindTable(connection.id, schema, table));
  if (work == TableWork::kDropped) {
    BERTH_ASSIGN(const auto jobs, transaction.JobsOnTable(connection.id, schema, table));
    if (!jobs.empty()) return TableInUseError("drop", TwoPartName(schema, table), jobs, name.table.span);
    return found ? transaction.DeleteTable(found->id) : Status();
  }
  if (found) return transaction.UpdateTableState(found->id, catalog::TableState::kRecorded);
  auto inserted = transaction.InsertTable(
      {.connection_id = connection.id, .schema = schema, .name = table, .attached = work == TableWork::kAttached});
  if (!inserted.ok()) return std::move(inserted).TakeError();
  return {};
}

}  // namespace berth::engine
