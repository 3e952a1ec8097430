// Every statement of the grammar is told of in README.md, and tried by a script in tests/script: what the grammar wants
// of it stands there, word by word.
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/places.h"

namespace berth::parser {
namespace {

using Words = std::vector<std::string>;

std::string Read(const std::string& name) {
  std::ifstream file(test::SourceDir() / name);
  REQUIRE(file);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The grammar's rules by their names, as text without comments.
std::map<std::string, std::string> Rules() {
  std::string text;
  std::istringstream lines(Read("grammar/BerthParser.g4"));
  for (std::string line; std::getline(lines, line);) text += line.substr(0, line.find("//")) + " ";
  std::map<std::string, std::string> rules;
  std::istringstream pieces(text);
  for (std::string rule; std::getline(pieces, rule, ';');) {
    const auto colon = rule.find(':');
    if (colon == std::string::npos) continue;
    std::istringstream head(rule.substr(0, colon));
    std::string name;
    for (std::string word; head >> word;) name = word;
    rules[name] = rule.substr(colon + 1);
  }
  return rules;
}

bool IsKeyword(const std::string& word) {
  for (const char c : word) {
    if (std::isupper(static_cast<unsigned char>(c)) == 0) return false;
  }
  return !word.empty();
}

// The ways to say what stands from `at` to the end or to a parenthesis that closes; of each the keywords that must be
// there.
std::vector<Words> Ways(const Words& body, std::size_t& at) {
  std::vector<Words> done;
  std::vector<Words> ways = {{}};
  const auto then = [&ways](const std::vector<Words>& next) {
    std::vector<Words> longer;
    for (const auto& way : ways) {
      for (const auto& more : next) {
        longer.push_back(way);
        longer.back().insert(longer.back().end(), more.begin(), more.end());
      }
    }
    ways = longer;
  };
  for (; at < body.size(); ++at) {
    const auto& word = body[at];
    if (word.starts_with(")")) break;
    if (word == "|") {
      done.insert(done.end(), ways.begin(), ways.end());
      ways = {{}};
    } else if (word == "(") {
      const auto inner = Ways(body, ++at);
      REQUIRE(at < body.size());
      if (body[at] == ")" || body[at] == ")+") then(inner);
    } else if (IsKeyword(word)) {
      then({{word}});
    }
  }
  done.insert(done.end(), ways.begin(), ways.end());
  return done;
}

std::vector<Words> WaysOf(const std::string& rule) {
  std::istringstream text(rule);
  Words body;
  for (std::string word; text >> word;) body.push_back(word);
  std::size_t at = 0;
  return Ways(body, at);
}

Words InCapitals(const std::string& text) {
  std::string letters;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    letters += std::isalpha(byte) != 0 ? static_cast<char>(std::toupper(byte)) : ' ';
  }
  std::istringstream words(letters);
  Words all;
  for (std::string word; words >> word;) all.push_back(word);
  return all;
}

// What stands between backticks in the tables of README.md; what may be left out is left out.
std::vector<Words> Shown() {
  std::vector<Words> shown;
  std::istringstream lines(Read("README.md"));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("|")) continue;
    std::istringstream pieces(line);
    bool code = false;
    for (std::string piece; std::getline(pieces, piece, '`'); code = !code) {
      if (!code) continue;
      std::string needed;
      int depth = 0;
      for (const char c : piece) {
        if (c == '[') ++depth;
        if (depth == 0) needed += c;
        if (c == ']') --depth;
      }
      shown.push_back(InCapitals(needed));
    }
  }
  return shown;
}

struct Step {
  bool good = true;
  Words words;
};

std::vector<Step> Steps() {
  std::vector<Step> steps;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(test::SourceDir() / "tests/script")) {
    const auto name = std::filesystem::relative(entry.path(), test::SourceDir()).string();
    if (!name.ends_with(".slt") || name.find("/faults/") != std::string::npos) continue;
    std::istringstream lines(Read(name));
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with("statement ") && !line.starts_with("query")) continue;
      const bool good = !line.starts_with("statement error");
      std::string text;
      while (std::getline(lines, line) && !line.empty() && line != "----") text += line + " ";
      steps.push_back({.good = good, .words = InCapitals(text)});
    }
  }
  return steps;
}

// The first words alike, the others in this order.
bool Says(const Words& shown, const Words& wanted) {
  if (shown.empty() || shown.front() != wanted.front()) return false;
  std::size_t found = 0;
  for (const auto& word : shown) found += found < wanted.size() && word == wanted[found] ? 1U : 0U;
  return found == wanted.size();
}

std::string Joined(const Words& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// Each way to say each statement.
std::map<std::string, Words> Statements() {
  const auto rules = Rules();
  std::map<std::string, Words> all;
  std::istringstream statements(rules.at("statement"));
  for (std::string name; statements >> name;) {
    if (name == "|") continue;
    REQUIRE_MESSAGE(rules.contains(name), name);
    for (const auto& way : WaysOf(rules.at(name))) {
      REQUIRE_MESSAGE(!way.empty(), name);
      all[name + " (" + Joined(way) + ")"] = way;
    }
  }
  CHECK(all.size() > 60);
  return all;
}

TEST_CASE("README.md lists every statement of the grammar") {
  const auto shown = Shown();
  for (const auto& [name, way] : Statements()) {
    bool found = false;
    for (const auto& span : shown) found = found || Says(span, way);
    CHECK_MESSAGE(found, name, " is not in README.md");
  }
}

TEST_CASE("every statement of the grammar has its good and its bad forms in tests/script") {
  const auto steps = Steps();
  for (const auto& [name, way] : Statements()) {
    bool good = name.starts_with("enableAccessKey");  // no script knows a key's id: unit_engine
    bool bad = false;
    for (const auto& step : steps) {
      if (Says(step.words, way)) (step.good ? good : bad) = true;
    }
    CHECK_MESSAGE(good, name, " has no good form there");
    CHECK_MESSAGE(bad, name, " has no bad form there");
  }
}

}  // namespace
}  // namespace berth::parser
