#include <fmt/core.h>

#include <algorithm>

#include "shell/table_writer.h"

namespace berth::shell {
namespace {

std::string HeadingText(std::size_t record) {
  return fmt::format("-[ RECORD {} ]", record);
}

}  // namespace

ExpandedWriter::ExpandedWriter(std::span<const TableColumn> columns, std::size_t rows, const FormatOptions& options,
                               Output& out)
    : columns_(columns), options_(options), out_(out) {
  bool several_lines = false;
  for (const auto& column : columns) {
    name_width_ = std::max(name_width_, column.name_width);
    value_width_ = std::max(value_width_, column.width);
    several_lines = several_lines || column.several_lines;
  }
  const std::size_t heading = options.tuples_only ? 0 : HeadingText(rows).size();
  const std::size_t beside_value = name_width_ + 3 + (several_lines ? 1 : 0);
  if (heading > beside_value + value_width_) value_width_ = heading - beside_value;
}

// "-[ RECORD 1 ]--+-----": the '+' stands above the bars, unless the heading is already past it.
void ExpandedWriter::Heading() {
  std::string line = options_.tuples_only ? std::string() : HeadingText(record_);
  if (line.size() < name_width_ + 1) line.append(name_width_ + 1 - line.size(), '-');
  if (line.size() == name_width_ + 1) line += '+';
  if (line.size() < name_width_ + 3 + value_width_) line.append(name_width_ + 3 + value_width_ - line.size(), '-');
  out_.Append(line);
  out_.Append('\n');
}

void ExpandedWriter::Row(std::span<const TableCell> cells) {
  if (++record_ == 1 && !options_.title.empty() && !options_.tuples_only) {
    out_.Append(options_.title);
    out_.Append('\n');
  }
  if (!options_.tuples_only || record_ > 1) Heading();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const auto& column = columns_[i];
    out_.Append(column.name);
    out_.Fill(name_width_ - column.name_width, ' ');
    if (cells[i].shape.as_is) {
      out_.Append(" | ");
      out_.Append(cells[i].text);
      out_.Append('\n');
      continue;
    }
    const auto lines = Display(cells[i].text);
    for (const auto& line : lines) {
      if (&line != lines.data()) out_.Fill(name_width_, ' ');
      out_.Append(" | ");
      out_.Append(line.text);
      if (&line != &lines.back()) {
        if (line.width < value_width_) out_.Fill(value_width_ - line.width, ' ');
        out_.Append('+');
      }
      out_.Append('\n');
    }
  }
}

void ExpandedWriter::Footer(std::size_t rows, bool complete) {
  if (complete && !options_.tuples_only) {
    if (!options_.footers.empty()) out_.Append('\n');
    for (const auto& footer : options_.footers) {
      out_.Append(footer);
      out_.Append('\n');
    }
    if (rows == 0 && options_.footer && options_.footers.empty()) {
      out_.Append("(0 rows)\n");
    }
  }
  out_.Append('\n');
}

}  // namespace berth::shell
