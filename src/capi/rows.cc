#include <string_view>

#include "capi/handles.h"
#include "capi/number.h"

using berth::Result;
using berth::capi::Door;
using berth::capi::EngineOf;
using berth::capi::Require;

extern "C" {

size_t berth_rows_column_count(const berth_rows* rows) {
  return rows->outcome->columns().size();
}

int berth_rows_column(const berth_rows* rows, size_t index, berth_column* column) {
  const auto columns = rows->outcome->columns();
  if (index >= columns.size() || column == nullptr) return BERTH_INVALID_ARGUMENT;
  const auto& facts = columns[index];
  *column = {.name = facts.name.c_str(),
             .type_oid = facts.type_oid,
             .type_modifier = facts.type_modifier,
             .kind = static_cast<std::int32_t>(facts.kind)};
  return BERTH_OK;
}

int berth_rows_next(berth_rows* rows, const berth_text** fields, berth_error** error) {
  return Door(EngineOf(rows), error, [&]() -> Result<int> {
    BERTH_TRY(Require(rows != nullptr && fields != nullptr, "the rows or where the fields go"));
    *fields = nullptr;
    if (rows->at_end) return BERTH_DONE;
    BERTH_ASSIGN(const auto row, rows->outcome->Next());
    if (!row) {
      rows->at_end = true;
      return BERTH_DONE;
    }
    rows->fields.clear();
    for (const auto& field : *row) {
      rows->fields.push_back(field ? berth_text{field->data() == nullptr ? "" : field->data(), field->size()}
                                   : berth_text{nullptr, 0});
    }
    *fields = rows->fields.data();
    return BERTH_ROW;
  });
}

int berth_text_int64(berth_text field, int64_t* value) {
  if (field.data == nullptr || value == nullptr) return BERTH_INVALID_ARGUMENT;
  return berth::capi::ParseNumber({field.data, field.length}, *value) ? BERTH_OK : BERTH_INVALID_ARGUMENT;
}

int berth_text_double(berth_text field, double* value) {
  if (field.data == nullptr || value == nullptr) return BERTH_INVALID_ARGUMENT;
  return berth::capi::ParseFloat({field.data, field.length}, *value) ? BERTH_OK : BERTH_INVALID_ARGUMENT;
}

int berth_text_boolean(berth_text field, int32_t* value) {
  if (field.data == nullptr || value == nullptr) return BERTH_INVALID_ARGUMENT;
  const std::string_view text(field.data, field.length);
  const bool yes = text == "t" || text == "true";
  if (!yes && text != "f" && text != "false") return BERTH_INVALID_ARGUMENT;
  *value = yes ? 1 : 0;
  return BERTH_OK;
}

const char* berth_rows_tag(const berth_rows* rows) {
  return rows->at_end ? rows->outcome->tag().text.c_str() : "";
}

int64_t berth_rows_affected(const berth_rows* rows) {
  return rows->at_end ? rows->outcome->tag().rows.value_or(-1) : -1;
}

int berth_rows_next_result(berth_rows* rows, berth_error** error) {
  return Door(EngineOf(rows), error, [&]() -> Result<int> {
    BERTH_TRY(Require(rows != nullptr && rows->at_end, "the rows, or the end of the result before,"));
    BERTH_ASSIGN(const bool more, rows->outcome->NextResult());
    if (more) rows->at_end = false;
    return more ? BERTH_ROW : BERTH_DONE;
  });
}

void berth_rows_close(berth_rows* rows) {
  delete rows;
}

}  // extern "C"
