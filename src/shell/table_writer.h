#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shell/format.h"
#include "shell/output.h"
#include "shell/text_width.h"

namespace berth::shell {

struct TableColumn {
  std::string name;  // on one line, ready to show
  std::size_t name_width = 0;
  std::size_t width = 0;       // of the widest value seen when widths were settled, without the name's
  bool several_lines = false;  // some value seen by then has
  bool right_aligned = false;
};
struct TableCell {
  std::string_view text;  // of NULL, what NULL looks like
  TextShape shape;
};

// Draws rows once the widths are settled. A value that is wider than its column is written whole and pushes the rest of
// its line to the right.
class TableWriter {
 public:
  virtual ~TableWriter() = default;
  virtual void Header() = 0;
  virtual void Row(std::span<const TableCell> cells) = 0;
  // `complete`: all rows were written.
  virtual void Footer(std::size_t rows, bool complete) = 0;
};

// As psql: a title, a line of centred names, a rule, a line a row, "(n rows)". The options outlive the writer.
class AlignedWriter final : public TableWriter {
 public:
  AlignedWriter(std::span<const TableColumn> columns, const FormatOptions& options, Output& out)
      : columns_(columns), options_(options), out_(out) {}
  // What a row needs on the screen.
  static std::size_t LineWidth(std::span<const TableColumn> columns, unsigned border);
  void Header() override;
  void Row(std::span<const TableCell> cells) override;
  void Footer(std::size_t rows, bool complete) override;

 private:
  void Rule();
  void EndLine();
  void RowOfLines(std::span<const TableCell> cells);

  std::span<const TableColumn> columns_;
  const FormatOptions& options_;
  Output& out_;
};

// As psql's \x: a heading a row, then a line a value. It has one border only.
class ExpandedWriter final : public TableWriter {
 public:
  // `rows`: how many have been seen; the headings are at least as wide as the last one of them.
  ExpandedWriter(std::span<const TableColumn> columns, std::size_t rows, const FormatOptions& options, Output& out);
  void Header() override {}
  void Row(std::span<const TableCell> cells) override;
  void Footer(std::size_t rows, bool complete) override;

 private:
  void Heading();

  std::span<const TableColumn> columns_;
  const FormatOptions& options_;
  Output& out_;
  std::size_t name_width_ = 0;
  std::size_t value_width_ = 0;
  std::size_t record_ = 0;
};

}  // namespace berth::shell
