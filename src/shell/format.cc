#include "shell/format.h"

#include <array>
#include <utility>

#include "shell/csv_format.h"
#include "shell/json_format.h"
#include "shell/plain_format.h"
#include "shell/table_format.h"
#include "shell/tsv_format.h"

namespace berth::shell {

std::optional<OutputFormat> OutputFormatNamed(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, OutputFormat>, 5> kNames{{{"table", OutputFormat::kTable},
                                                                                    {"json", OutputFormat::kJson},
                                                                                    {"csv", OutputFormat::kCsv},
                                                                                    {"tsv", OutputFormat::kTsv},
                                                                                    {"plain", OutputFormat::kPlain}}};
  for (const auto& [known, format] : kNames) {
    if (known == name) return format;
  }
  return std::nullopt;
}

std::unique_ptr<Formatter> MakeFormatter(const FormatOptions& options, Output& out) {
  switch (options.format) {
    case OutputFormat::kJson:
      return std::make_unique<JsonFormat>(out);
    case OutputFormat::kCsv:
      return std::make_unique<CsvFormat>(out);
    case OutputFormat::kTsv:
      return std::make_unique<TsvFormat>(out);
    case OutputFormat::kPlain:
      return std::make_unique<PlainFormat>(out);
    case OutputFormat::kTable:
      break;
  }
  return std::make_unique<TableFormat>(options.expanded, options.screen_columns, out);
}

}  // namespace berth::shell
