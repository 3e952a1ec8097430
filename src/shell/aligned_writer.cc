#include <fmt/core.h>

#include <algorithm>

#include "shell/table_writer.h"

namespace berth::shell {
namespace {

std::size_t WidthOf(const TableColumn& column) {
  return std::max(column.name_width, column.width);
}

std::size_t Missing(std::size_t width, std::size_t used) {
  return width > used ? width - used : 0;
}

}  // namespace

std::size_t AlignedWriter::LineWidth(std::span<const TableColumn> columns) {
  std::size_t width = 0;
  for (const auto& column : columns) width += WidthOf(column) + 3;
  return width == 0 ? 0 : width - 1;
}

void AlignedWriter::Header() {
  for (const auto& column : columns_) {
    if (&column != columns_.data()) out_.Append('|');
    const std::size_t spare = WidthOf(column) - column.name_width;
    out_.Fill(1 + spare / 2, ' ');
    out_.Append(column.name);
    out_.Fill(1 + (spare + 1) / 2, ' ');
  }
  out_.Append('\n');
  for (const auto& column : columns_) {
    if (&column != columns_.data()) out_.Append('+');
    out_.Fill(WidthOf(column) + 2, '-');
  }
  out_.Append('\n');
}

void AlignedWriter::Row(std::span<const TableCell> cells) {
  if (!std::all_of(cells.begin(), cells.end(), [](const TableCell& cell) { return cell.shape.as_is; })) {
    RowOfLines(cells);
    return;
  }
  const std::size_t last = columns_.size() - 1;
  for (std::size_t i = 0; i <= last; ++i) {
    out_.Append(' ');
    const std::size_t pad = Missing(WidthOf(columns_[i]), cells[i].shape.width);
    if (columns_[i].right_aligned) out_.Fill(pad, ' ');
    out_.Append(cells[i].text);
    if (i == last) break;
    if (!columns_[i].right_aligned) out_.Fill(pad, ' ');
    out_.Append(" |");
  }
  out_.Append('\n');
}

// Some value has several lines: each line but its last ends in '+', as in psql.
void AlignedWriter::RowOfLines(std::span<const TableCell> cells) {
  std::vector<std::vector<DisplayLine>> values;
  std::size_t height = 1;
  for (const auto& cell : cells) height = std::max(height, values.emplace_back(Display(cell.text)).size());
  for (std::size_t line = 0; line < height; ++line) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const bool last = i + 1 == columns_.size();
      const bool more = line + 1 < values[i].size();
      static const DisplayLine kNothing;
      const DisplayLine& shown = line < values[i].size() ? values[i][line] : kNothing;
      const std::size_t pad = Missing(WidthOf(columns_[i]), shown.width);
      const bool right = columns_[i].right_aligned && line < values[i].size();
      out_.Append(' ');
      if (right) out_.Fill(pad, ' ');
      out_.Append(shown.text);
      if (!right && (!last || more)) out_.Fill(pad, ' ');
      if (more) {
        out_.Append('+');
      } else if (!last) {
        out_.Append(' ');
      }
      if (!last) out_.Append('|');
    }
    out_.Append('\n');
  }
}

void AlignedWriter::Footer(std::size_t rows, bool complete) {
  if (complete) out_.Append(fmt::format("({} row{})\n", rows, rows == 1 ? "" : "s"));
  out_.Append('\n');
}

}  // namespace berth::shell
