#include "engine/memory_rows.h"

#include <memory>
#include <span>
#include <utility>

namespace berth::engine {
namespace {

class MemoryRows final : public RowSource {
 public:
  MemoryRows(std::vector<Column> columns, std::vector<std::vector<std::optional<std::string>>> rows, CommandTag tag,
             std::optional<Error> end = std::nullopt)
      : columns_(std::move(columns)), rows_(std::move(rows)), tag_(std::move(tag)), end_(std::move(end)) {}

  std::span<const Column> columns() const override { return columns_; }
  Result<std::optional<std::span<const Field>>> Next() override {
    if (next_ == rows_.size()) return std::optional<std::span<const Field>>();
    fields_.assign(rows_[next_].begin(), rows_[next_].end());
    ++next_;
    return std::optional<std::span<const Field>>(fields_);
  }
  const CommandTag& tag() const override { return tag_; }
  Result<bool> NextResult() override {
    if (end_) return *std::exchange(end_, std::nullopt);
    return false;
  }

 private:
  const std::vector<Column> columns_;
  const std::vector<std::vector<std::optional<std::string>>> rows_;
  const CommandTag tag_;
  std::optional<Error> end_;
  std::size_t next_ = 0;
  std::vector<Field> fields_;
};

constexpr std::uint32_t kOidBool = 16;
constexpr std::uint32_t kOidInt8 = 20;
constexpr std::uint32_t kOidText = 25;

}  // namespace

RowsBuilder::RowsBuilder(std::span<const std::string_view> columns) {
  for (const auto name : columns) columns_.push_back({.name = std::string(name), .type_oid = kOidText});
}

RowsBuilder& RowsBuilder::Kind(std::size_t column, ValueKind kind) {
  columns_[column].kind = kind;
  columns_[column].type_oid =
      kind == ValueKind::kInteger ? kOidInt8 : (kind == ValueKind::kBoolean ? kOidBool : kOidText);
  return *this;
}

void RowsBuilder::Add(std::vector<std::optional<std::string>> row) {
  rows_.push_back(std::move(row));
}

Outcome RowsBuilder::Build(std::string tag, std::optional<Error> end) {
  const auto count = static_cast<std::int64_t>(rows_.size());
  return std::make_unique<MemoryRows>(std::move(columns_), std::move(rows_),
                                      CommandTag{.text = std::move(tag), .rows = count}, std::move(end));
}

Outcome Command(std::string tag) {
  return std::make_unique<MemoryRows>(std::vector<Column>(), std::vector<std::vector<std::optional<std::string>>>(),
                                      CommandTag{.text = std::move(tag), .rows = std::nullopt});
}

}  // namespace berth::engine
