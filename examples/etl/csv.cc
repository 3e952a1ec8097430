#include "csv.h"

#include <stdexcept>
#include <utility>

namespace {

std::string ReadQuoted(std::istream& in) {
  std::string field;
  for (int c = in.get(); c != EOF; c = in.get()) {
    if (c != '"') {
      field.push_back(static_cast<char>(c));
    } else if (in.peek() == '"') {
      field.push_back(static_cast<char>(in.get()));
    } else {
      return field;
    }
  }
  throw std::runtime_error("a quoted field is not closed");
}

}  // namespace

std::optional<CsvRow> ReadCsvRow(std::istream& in) {
  if (in.peek() == EOF) return std::nullopt;
  CsvRow row;
  std::string field;
  bool quoted = false;
  const auto end_field = [&] {
    row.push_back(field.empty() && !quoted ? std::nullopt : std::optional(std::exchange(field, {})));
    quoted = false;
  };
  for (int c = in.get();; c = in.get()) {
    if (c == EOF || c == '\n') {
      if (!quoted && !field.empty() && field.back() == '\r') field.pop_back();
      end_field();
      return row;
    }
    if (c == ',') {
      end_field();
    } else if (c == '"' && field.empty()) {
      field = ReadQuoted(in);
      quoted = true;
    } else if (c != '\r' || !quoted) {
      field.push_back(static_cast<char>(c));
    }
  }
}
