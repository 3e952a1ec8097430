#include "shell/table_format.h"

#include <algorithm>

namespace berth::shell {

void TableFormat::Begin(std::span<const Column> columns) {
  columns_.clear();
  sample_.clear();
  sample_cells_.clear();
  writer_.reset();
  rows_ = 0;
  cells_.resize(columns.size());
  for (const auto& column : columns) {
    std::string name = DisplayOneLine(column.name);
    const std::size_t width = ShapeOf(name).width;
    const bool number =
        column.kind == ValueKind::kInteger || column.kind == ValueKind::kFloat || column.kind == ValueKind::kNumeric;
    columns_.push_back({.name = std::move(name), .name_width = width, .right_aligned = number});
  }
}

void TableFormat::Row(std::span<const Field> fields) {
  ++rows_;
  const std::size_t count = std::min(fields.size(), columns_.size());
  if (writer_ != nullptr) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto text = fields[i].value_or(options_.null_text);
      cells_[i] = {.text = text, .shape = ShapeOf(text)};
    }
    writer_->Row(cells_);
    return;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto text = fields[i].value_or(options_.null_text);
    const auto shape = ShapeOf(text);
    auto& column = columns_[i];
    column.width = std::max(column.width, shape.width);
    if (!shape.as_is) column.several_lines = column.several_lines || text.find('\n') != std::string_view::npos;
    sample_cells_.push_back({.offset = sample_.size(), .length = text.size(), .shape = shape});
    sample_ += text;
  }
  if (rows_ == kSampleRows || sample_.size() >= kSampleBytes) Settle();
}

void TableFormat::Settle() {
  const auto expanded = options_.expanded;
  const bool expand =
      expanded == Expanded::kOn ||
      (expanded == Expanded::kAuto && AlignedWriter::LineWidth(columns_, options_.border) > options_.screen_columns);
  if (expand) {
    writer_ = std::make_unique<ExpandedWriter>(columns_, rows_, options_, out_);
  } else {
    writer_ = std::make_unique<AlignedWriter>(columns_, options_, out_);
  }
  writer_->Header();
  for (std::size_t at = 0; at < sample_cells_.size(); at += columns_.size()) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const auto& cell = sample_cells_[at + i];
      cells_[i] = {.text = std::string_view(sample_).substr(cell.offset, cell.length), .shape = cell.shape};
    }
    writer_->Row(cells_);
  }
  sample_ = {};
  sample_cells_ = {};
}

void TableFormat::Finish(bool complete) {
  if (writer_ == nullptr) Settle();
  writer_->Footer(rows_, complete);
}

}  // namespace berth::shell
