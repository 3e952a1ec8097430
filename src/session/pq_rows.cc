#include "session/pq_rows.h"

#include <charconv>

#include "base/try.h"

namespace berth::session {
namespace {

// By type oid, the same on both servers.
ValueKind KindOf(Oid type) {
  switch (type) {
    case 16:
      return ValueKind::kBoolean;
    case 20:  // int8
    case 21:  // int2
    case 23:  // int4
    case 26:  // oid
      return ValueKind::kInteger;
    case 700:
    case 701:
      return ValueKind::kFloat;
    case 1700:
      return ValueKind::kNumeric;
    default:
      return ValueKind::kText;
  }
}

}  // namespace

Result<bool> LibpqRows::NextResult() {
  columns_.clear();
  tag_ = {};
  fresh_ = false;
  over_ = true;
  BERTH_ASSIGN(result_, session_.Fetch());
  if (result_ != nullptr && PQresultStatus(result_.get()) == PGRES_COPY_IN) {
    result_.reset();
    BERTH_TRY(session_.SendClientData());
    BERTH_ASSIGN(result_, session_.Fetch());
  }
  if (result_ == nullptr) return false;
  switch (PQresultStatus(result_.get())) {
    case PGRES_SINGLE_TUPLE:
      TakeColumns();
      fresh_ = true;
      over_ = false;
      return true;
    case PGRES_TUPLES_OK:
      TakeColumns();
      TakeTag();
      return true;
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY:
      TakeTag();
      return true;
    default:
      return session_.Fail(std::move(result_));
  }
}

// The hot path: a row costs what libpq's own single-row loop costs, and two look-ups a value.
Result<std::optional<std::span<const Field>>> LibpqRows::Next() {
  if (over_) return std::optional<std::span<const Field>>();
  if (fresh_) {
    fresh_ = false;
    return std::optional(TakeRow());
  }
  result_.reset();
  auto next = session_.Fetch();
  if (!next.ok()) {
    over_ = true;
    return std::move(next).TakeError();
  }
  result_ = std::move(next).value();
  if (PQresultStatus(result_.get()) == PGRES_SINGLE_TUPLE) return std::optional(TakeRow());
  over_ = true;
  if (PQresultStatus(result_.get()) != PGRES_TUPLES_OK) return session_.Fail(std::move(result_));
  TakeTag();
  return std::optional<std::span<const Field>>();
}

std::span<const Field> LibpqRows::TakeRow() {
  const PGresult* row = result_.get();
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const int column = static_cast<int>(i);
    const int length = PQgetlength(row, 0, column);
    if (length == 0 && PQgetisnull(row, 0, column) != 0) {
      fields_[i].reset();
    } else {
      fields_[i].emplace(PQgetvalue(row, 0, column), static_cast<std::size_t>(length));
    }
  }
  return fields_;
}

void LibpqRows::TakeColumns() {
  const PGresult* result = result_.get();
  const int count = PQnfields(result);
  columns_.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    columns_.push_back({.name = PQfname(result, i),
                        .type_oid = PQftype(result, i),
                        .type_modifier = PQfmod(result, i),
                        .kind = KindOf(PQftype(result, i)),
                        .table_oid = PQftable(result, i),
                        .table_column = PQftablecol(result, i)});
  }
  fields_.assign(static_cast<std::size_t>(count), std::nullopt);
}

void LibpqRows::TakeTag() {
  tag_.text = PQcmdStatus(result_.get());
  const std::string_view rows = PQcmdTuples(result_.get());
  std::int64_t count = 0;
  if (std::from_chars(rows.data(), rows.data() + rows.size(), count).ec == std::errc()) tag_.rows = count;
  session_.NoteTag(tag_.text);
}

}  // namespace berth::session
