#pragma once

#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/places.h"

namespace berth::test {

// One row of api_members.csv: a member of an operation's input or output, or of a shape that they use.
struct ModelMember {
  std::string of;     // "ExecuteStatement", "(shape) StatementData"
  std::string where;  // "input", "output", "-"
  std::string name, type, constraints;
  bool required = false;

  // "63" of "min=1; max=63; pattern=..", "" where there is none. A pattern is the rest of the text.
  std::string Bound(const std::string& word) const {
    const auto at = constraints.find(word + "=");
    if (at == std::string::npos) return "";
    const auto begin = at + word.size() + 1;
    const auto end = word == "pattern" ? std::string::npos : constraints.find(';', at);
    return constraints.substr(begin, end == std::string::npos ? end : end - begin);
  }
};

// One line of comma-separated values; quoted fields may hold commas.
inline std::vector<std::string> CsvFields(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else if (c != '\r') {
      fields.back() += c;
    }
  }
  return fields;
}

// The lines of a table beside the tests, without its head.
inline std::vector<std::vector<std::string>> CsvRows(const std::string& file_name) {
  std::ifstream file(SourceDir() / "tests/unit/dataapi" / file_name);
  REQUIRE(file.good());
  std::vector<std::vector<std::string>> rows;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) rows.push_back(CsvFields(line));
  return rows;
}

// The newest model of the service.
inline std::vector<ModelMember> ReadModel() {
  std::vector<ModelMember> model;
  for (const auto& fields : CsvRows("api_members.csv")) {
    REQUIRE(fields.size() >= 6);
    model.push_back({.of = fields[0],
                     .where = fields[1],
                     .name = fields[2],
                     .type = fields[3],
                     .constraints = fields[5],
                     .required = fields[4] == "yes"});
  }
  REQUIRE(model.size() >= 200);
  return model;
}

}  // namespace berth::test
