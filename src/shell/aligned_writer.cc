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

std::size_t AlignedWriter::LineWidth(std::span<const TableColumn> columns, unsigned border) {
  std::size_t width = 0;
  for (const auto& column : columns) width += WidthOf(column) + (border == 0 ? 1 : 3);
  if (border == 2) return width + 1;
  return width == 0 || border == 0 ? width : width - 1;
}

void AlignedWriter::Rule() {
  const unsigned border = options_.border;
  if (border > 0) out_.Append(border == 1 ? "-" : "+-");
  for (const auto& column : columns_) {
    if (&column != columns_.data()) out_.Append(border == 0 ? " " : "-+-");
    out_.Fill(WidthOf(column), '-');
  }
  if (border > 0) out_.Append(border == 1 ? "-" : "-+");
  out_.Append('\n');
}

void AlignedWriter::EndLine() {
  out_.Append(options_.border == 2 ? "|\n" : "\n");
}

void AlignedWriter::Header() {
  if (options_.tuples_only) return;
  const unsigned border = options_.border;
  if (!options_.title.empty()) {
    const std::size_t spare = Missing(LineWidth(columns_, border), ShapeOf(options_.title).width);
    out_.Fill(spare / 2, ' ');
    out_.Append(options_.title);
    out_.Append('\n');
  }
  if (border == 2) {
    Rule();
    out_.Append('|');
  }
  for (const auto& column : columns_) {
    if (&column != columns_.data() && border > 0) out_.Append('|');
    const std::size_t spare = WidthOf(column) - column.name_width;
    out_.Fill((border > 0 ? 1 : 0) + spare / 2, ' ');
    out_.Append(column.name);
    out_.Fill(1 + (spare + 1) / 2, ' ');
  }
  EndLine();
  Rule();
}

void AlignedWriter::Row(std::span<const TableCell> cells) {
  if (!std::all_of(cells.begin(), cells.end(), [](const TableCell& cell) { return cell.shape.as_is; })) {
    RowOfLines(cells);
    return;
  }
  const unsigned border = options_.border;
  if (border == 2) out_.Append('|');
  const std::size_t last = columns_.size() - 1;
  for (std::size_t i = 0; i <= last; ++i) {
    if (border > 0) out_.Append(' ');
    const std::size_t pad = Missing(WidthOf(columns_[i]), cells[i].shape.width);
    if (columns_[i].right_aligned) out_.Fill(pad, ' ');
    out_.Append(cells[i].text);
    if (i == last && border != 2) break;
    if (!columns_[i].right_aligned) out_.Fill(pad, ' ');
    out_.Append(border == 0 || i == last ? " " : " |");
  }
  EndLine();
}

// Some value has several lines: each line but its last ends in '+', as in psql.
void AlignedWriter::RowOfLines(std::span<const TableCell> cells) {
  const unsigned border = options_.border;
  std::vector<std::vector<DisplayLine>> values;
  std::size_t height = 1;
  for (const auto& cell : cells) height = std::max(height, values.emplace_back(Display(cell.text)).size());
  for (std::size_t line = 0; line < height; ++line) {
    if (border == 2) out_.Append('|');
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const bool last = i + 1 == columns_.size();
      const bool more = line + 1 < values[i].size();
      static const DisplayLine kNothing;
      const DisplayLine& shown = line < values[i].size() ? values[i][line] : kNothing;
      const std::size_t pad = Missing(WidthOf(columns_[i]), shown.width);
      const bool right = columns_[i].right_aligned && line < values[i].size();
      const bool filled = !last || border == 2;  // up to its width, with a blank behind
      if (border > 0) out_.Append(' ');
      if (right) out_.Fill(pad, ' ');
      out_.Append(shown.text);
      if (!right && (filled || more)) out_.Fill(pad, ' ');
      if (more) {
        out_.Append('+');
      } else if (filled) {
        out_.Append(' ');
      }
      if (!last && border > 0) out_.Append('|');
    }
    EndLine();
  }
}

void AlignedWriter::Footer(std::size_t rows, bool complete) {
  if (complete) {
    if (options_.border == 2) Rule();
    if (!options_.tuples_only) {
      for (const auto& footer : options_.footers) {
        out_.Append(footer);
        out_.Append('\n');
      }
      if (options_.footer && options_.footers.empty()) {
        out_.Append(fmt::format("({} row{})\n", rows, rows == 1 ? "" : "s"));
      }
    }
  }
  out_.Append('\n');
}

}  // namespace berth::shell
