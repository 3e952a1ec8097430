#include "shell/unaligned_format.h"

#include <fmt/core.h>

#include <algorithm>

namespace berth::shell {

void UnalignedFormat::Begin(std::span<const Column> columns) {
  rows_ = 0;
  names_.clear();
  for (const auto& column : columns) names_.push_back(column.name);
  if (options_.tuples_only) return;
  if (!options_.title.empty()) {
    out_.Append(options_.title);
    out_.Append('\n');
  }
  if (expanded()) return;
  for (const auto& name : names_) {
    if (&name != names_.data()) out_.Append(options_.field_separator);
    out_.Append(name);
  }
  out_.Append('\n');
}

void UnalignedFormat::Row(std::span<const Field> fields) {
  if (expanded()) {
    RowOfLines(fields);
  } else {
    for (const auto& field : fields) {
      if (&field != fields.data()) out_.Append(options_.field_separator);
      out_.Append(field.value_or(options_.null_text));
    }
    out_.Append('\n');
  }
  ++rows_;
}

void UnalignedFormat::RowOfLines(std::span<const Field> fields) {
  if (rows_ > 0) out_.Append('\n');
  for (std::size_t i = 0; i < std::min(fields.size(), names_.size()); ++i) {
    out_.Append(names_[i]);
    out_.Append(options_.field_separator);
    out_.Append(fields[i].value_or(options_.null_text));
    out_.Append('\n');
  }
}

void UnalignedFormat::End() {
  if (options_.tuples_only) return;
  if (expanded() && !options_.footers.empty()) out_.Append('\n');
  for (const auto& footer : options_.footers) {
    out_.Append(footer);
    out_.Append('\n');
  }
  if (options_.footers.empty() && options_.footer && !expanded()) {
    out_.Append(fmt::format("({} row{})\n", rows_, rows_ == 1 ? "" : "s"));
  }
}

void UnalignedFormat::Abandon() {}

}  // namespace berth::shell
