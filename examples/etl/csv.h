#pragma once

#include <istream>
#include <optional>
#include <string>
#include <vector>

// One line of a CSV file as fields; an empty field that is not quoted is NULL.
using CsvRow = std::vector<std::optional<std::string>>;

// Reads the next line, with LF or CRLF at its end, quoted fields (which may hold line ends) and doubled quotes.
// nullopt: the file has ended. Throws std::runtime_error where a quote is not closed.
std::optional<CsvRow> ReadCsvRow(std::istream& in);
