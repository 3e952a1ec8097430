#include "shell/format.h"

#include <array>
#include <utility>

#include "shell/csv_format.h"
#include "shell/json_format.h"
#include "shell/plain_format.h"
#include "shell/table_format.h"
#include "shell/tsv_format.h"
#include "shell/unaligned_format.h"

namespace berth::shell {
namespace {

// The first name of a format is its own.
constexpr std::array<std::pair<std::string_view, OutputFormat>, 8> kNames{{{"table", OutputFormat::kTable},
                                                                           {"aligned", OutputFormat::kTable},
                                                                           {"unaligned", OutputFormat::kUnaligned},
                                                                           {"json", OutputFormat::kJson},
                                                                           {"jsonl", OutputFormat::kJsonLines},
                                                                           {"csv", OutputFormat::kCsv},
                                                                           {"tsv", OutputFormat::kTsv},
                                                                           {"plain", OutputFormat::kPlain}}};

}  // namespace

std::optional<OutputFormat> OutputFormatNamed(std::string_view name) {
  for (const auto& [known, format] : kNames) {
    if (known == name) return format;
  }
  return std::nullopt;
}

std::string_view NameOf(OutputFormat format) {
  for (const auto& [name, known] : kNames) {
    if (known == format) return name;
  }
  return {};
}

std::string_view OutputFormatNames() {
  return "table, unaligned, json, jsonl, csv, tsv or plain";
}

std::unique_ptr<Formatter> MakeFormatter(const FormatOptions& options, Output& out) {
  switch (options.format) {
    case OutputFormat::kJson:
      return std::make_unique<JsonFormat>(JsonFormat::Shape::kArray, out);
    case OutputFormat::kJsonLines:
      return std::make_unique<JsonFormat>(JsonFormat::Shape::kLines, out);
    case OutputFormat::kCsv:
      return std::make_unique<CsvFormat>(options, out);
    case OutputFormat::kTsv:
      return std::make_unique<TsvFormat>(out);
    case OutputFormat::kPlain:
      return std::make_unique<PlainFormat>(out);
    case OutputFormat::kUnaligned:
      return std::make_unique<UnalignedFormat>(options, out);
    case OutputFormat::kTable:
      break;
  }
  return std::make_unique<TableFormat>(options, out);
}

}  // namespace berth::shell
