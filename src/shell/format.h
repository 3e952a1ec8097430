#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "berth/rows.h"
#include "shell/output.h"

namespace berth::shell {

enum class OutputFormat : std::uint8_t { kTable, kUnaligned, kJson, kJsonLines, kCsv, kTsv, kPlain };
// By the name that -o and \pset format take: table (or psql's aligned), unaligned, json, jsonl, csv, tsv, plain.
std::optional<OutputFormat> OutputFormatNamed(std::string_view name);
std::string_view NameOf(OutputFormat format);
std::string_view OutputFormatNames();  // for messages: "table, unaligned, .. or plain"

// Table, unaligned and csv: one line a value instead of one line a row. kAuto: where a table is wider than the screen.
enum class Expanded : std::uint8_t { kOff, kOn, kAuto };

// Writes the rows of one result after the other to an Output: Begin, Row.., End. One thread at a time.
class Formatter {
 public:
  virtual ~Formatter() = default;
  // `columns` need not outlive the call.
  virtual void Begin(std::span<const Column> columns) = 0;
  virtual void Row(std::span<const Field> fields) = 0;
  virtual void End() = 0;
  // Instead of End: an error came after the rows so far. They are written, nothing that would call them complete is.
  virtual void Abandon() = 0;
};

inline constexpr unsigned kBorderMax = 2;

// How results look; \pset's settings, with psql's meanings. json and tsv know none of the rest.
struct FormatOptions {
  OutputFormat format = OutputFormat::kTable;
  Expanded expanded = Expanded::kOff;
  std::size_t screen_columns = 80;
  std::string null_text;               // what NULL looks like in table, unaligned and csv
  bool tuples_only = false;            // no title, no names of columns, no footer
  bool footer = true;                  // "(n rows)"
  unsigned border = 1;                 // of tables: 0 none, 1 between columns, 2 a frame
  std::string field_separator = "|";   // unaligned
  char csv_separator = ',';            //
  std::string title;                   // above tables and unaligned results
  std::vector<std::string> footers{};  // lines below the rows, instead of "(n rows)"
};
std::unique_ptr<Formatter> MakeFormatter(const FormatOptions& options, Output& out);

}  // namespace berth::shell
