#include "tidy/checks.h"

#include <algorithm>
#include <sstream>

#include "tidy/code_text.h"

namespace berth::tidy {
namespace {

constexpr auto kNone = std::string_view::npos;

struct Home {
  std::vector<std::string_view> words;
  std::set<std::string> layers;  // where they may stand
  std::string_view why;
};
const std::vector<Home> kHomes = {
    {{"libpq-fe.h", "PGconn", "PGresult", "libpq/"}, {"session"}, "libpq stays in session/"},
    {{"openssl/"}, {"session"}, "OpenSSL stays in session/"},
    {{"sqlite3.h", "sqlite3"}, {"sqlite"}, "SQLite stays in sqlite/"},
    {{"antlr4", "antlr4-runtime.h", "antlrcpp"}, {"parser"}, "ANTLR stays in parser/"},
    {{"spdlog", "spdlog/"}, {"base"}, "spdlog stays in base/"},
    {{"sodium.h", "sodium_init", "sodium_memzero", "randombytes_buf", "nettle/"},
     {"base"},
     "libsodium and nettle stay in base/"},
    {{"pg_query.h", "pg_query_parse"}, {"dependents"}, "libpg-query stays in dependents/"},
    {{"boost/asio", "boost/beast"}, {"dataapi"}, "Boost.Asio and Beast stay in dataapi/"},
    {{"boost/json"}, {"credentials", "dataapi", "dependents", "imports"}, "Boost.JSON stays where JSON is read"},
    {{"absl/"}, {"bind"}, "Abseil stays in bind/"},
    {{"yaml-cpp/"}, {"imports"}, "yaml-cpp stays in imports/"},
    {{"prometheus/"}, {"dataapi"}, "prometheus-cpp stays in dataapi/"},
    {{"histedit.h", "editline/"}, {"shell"}, "libedit stays in shell/"},
    {{"std::cout", "std::cerr", "std::clog", "printf(", "fprintf(", "puts(", "fputs(", "fmt::print("},
     {"shell", "app", "serve"},
     "only the shell and the program print"},
    {{"::now()", "gettimeofday(", "clock_gettime("}, {"base"}, "time comes from Clock"},
    {{".Reveal()"},
     {"session", "catalog", "engine", "credentials", "imports", "base"},
     "secrets are read where they are used"},
    {{"using namespace"}, {}, "names are spelled out"},
    {{"std::regex", "<regex>"}, {}, "no std::regex"},
};
const std::vector<std::string_view> kSleeps = {"sleep_for(", "sleep_until(", "usleep(", "nanosleep(", "sleep("};

class Reporter {
 public:
  Reporter(const File& file, Findings& findings) : file_(file), findings_(findings) {}
  void operator()(std::size_t line, const std::string& what) const {
    findings_.push_back(file_.path + ":" + std::to_string(line) + ": " + what);
  }

 private:
  const File& file_;
  Findings& findings_;
};

bool EndsWith(std::string_view text, std::string_view end) {
  return text.ends_with(end);
}

std::string LayerOf(std::string_view path) {
  constexpr std::string_view kSource = "src/";
  if (!path.starts_with(kSource)) return {};
  path.remove_prefix(kSource.size());
  const auto slash = path.find('/');
  return slash == kNone ? std::string() : std::string(path.substr(0, slash));
}

void CheckInclude(std::string_view line, const std::string& layer, const std::set<std::string>& below,
                  std::size_t number, const Reporter& report) {
  constexpr std::string_view kInclude = "#include \"";
  if (!line.starts_with(kInclude)) return;
  line.remove_prefix(kInclude.size());
  const auto name = line.substr(0, line.find('"'));
  const auto slash = name.find('/');
  if (slash == kNone) {
    const bool generated = layer == "parser" && (name == "BerthLexer.h" || name == "BerthParser.h");
    if (!generated) report(number, "an include names its folder: " + std::string(name));
    return;
  }
  const auto folder = name.substr(0, slash);
  const std::string target = folder == "berth" ? "include" : std::string(folder);
  if (target != layer && !below.contains(target)) report(number, layer + " may not include " + target);
}

// PQconnectdb, PQfinish ..: "PQ" and a small letter, at the beginning of a name.
bool CallsLibpq(std::string_view line) {
  for (auto at = line.find("PQ"); at != kNone; at = line.find("PQ", at + 1)) {
    const auto next = at + 2 < line.size() ? line[at + 2] : ' ';
    const auto before = at == 0 ? ' ' : line[at - 1];
    const bool inside = (before >= 'a' && before <= 'z') || (before >= 'A' && before <= 'Z') || before == '_';
    if (!inside && next >= 'a' && next <= 'z') return true;
  }
  return false;
}

void CheckHomes(std::string_view line, const std::string& layer, std::size_t number, const Reporter& report) {
  for (const auto& home : kHomes) {
    const bool found =
        std::any_of(home.words.begin(), home.words.end(), [&](auto word) { return HasWord(line, word); });
    if (found && !home.layers.contains(layer)) report(number, std::string(home.why));
  }
  if (layer != "session" && CallsLibpq(line)) report(number, "libpq stays in session/");
  // All of SQLite's and ANTLR's names, not only the bare words.
  if (layer != "sqlite" && line.find("sqlite3_") != kNone) report(number, "SQLite stays in sqlite/");
}

// clang-format puts what stands in a namespace at column 0: a function begins at a line there (not a type, not a table)
// and ends with the next '}' at column 0. Functions inside of classes are counted with them by the file's length only.
void CheckFunctions(const std::vector<std::string_view>& lines, const Reporter& report) {
  static constexpr std::string_view kOthers[] = {"namespace", "struct ", "class ", "enum ",     "union ",
                                                 "extern ",   "const ",  "using ", "constexpr", "inline constexpr",
                                                 "static ",   "#",       "//",     "}",         "template"};
  std::size_t begin = 0;  // the line of the function's first line, from 1; 0: outside
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto line = lines[i];
    if (line.empty() || line[0] == ' ') continue;
    if (line[0] == '}') {
      const auto length = i + 2 - begin;
      if (begin != 0 && length > kFunctionLinesMax) {
        report(begin,
               "a function of " + std::to_string(length) + " lines; the limit is " + std::to_string(kFunctionLinesMax));
      }
      begin = 0;
      continue;
    }
    const bool other = std::any_of(std::begin(kOthers), std::end(kOthers), [&](auto o) { return line.starts_with(o); });
    if (begin == 0 && !other && line.find('(') != kNone && line.find(';') == kNone && !EndsWith(line, "}"))
      begin = i + 1;
  }
}

std::size_t ColumnsOf(std::string_view line) {
  return static_cast<std::size_t>(
      std::count_if(line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool IsPathCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '/' || c == '-';
}

bool NamesOurPath(std::string_view text) {
  static constexpr std::string_view kRoots[] = {"src/", "tests/", "sql/", "grammar/", "catalog/", "cmake/", ".ci/"};
  return std::all_of(text.begin(), text.end(), IsPathCharacter) &&
         std::any_of(std::begin(kRoots), std::end(kRoots), [&](auto root) { return text.starts_with(root); });
}

}  // namespace

Layers ReadLayers(const File& file, Findings& findings) {
  const Reporter report(file, findings);
  Layers layers;
  std::size_t number = 0;
  for (const auto line : LinesOf(file.text)) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    const auto colon = line.find(':');
    if (colon == kNone) {
      report(number, "a line is \"layer: the layers that it may include\"");
      continue;
    }
    const std::string layer(line.substr(0, colon));
    std::set<std::string> below;
    std::istringstream words{std::string(line.substr(colon + 1))};
    for (std::string word; words >> word;) {
      if (!layers.contains(word)) report(number, layer + " names " + word + ", which is not above it");
      below.insert(word);
    }
    if (!layers.emplace(layer, below).second) report(number, layer + " stands twice");
  }
  return layers;
}

void CheckSource(const File& file, const Layers& layers, Findings& findings) {
  const Reporter report(file, findings);
  const auto layer = LayerOf(file.path);
  const auto found = layers.find(layer);
  if (found == layers.end()) {
    report(1, "its folder is no layer of src/LAYERS");
    return;
  }
  CheckCode(file, findings);
  const auto code = CodeOf(file.text);
  const auto lines = LinesOf(code);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CheckInclude(lines[i], layer, found->second, i + 1, report);
    CheckHomes(lines[i], layer, i + 1, report);
  }
  CheckFunctions(lines, report);
}

void CheckCode(const File& file, Findings& findings) {
  const Reporter report(file, findings);
  const auto lines = LinesOf(file.text);
  const auto code = CodeOf(file.text);
  const auto code_lines = LinesOf(code);
  if (lines.size() > kFileLinesMax) {
    report(1, std::to_string(lines.size()) + " lines; the limit is " + std::to_string(kFileLinesMax));
  }
  const bool may_wait = file.path.starts_with("src/base/") || file.path.starts_with("tests/support/");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (ColumnsOf(lines[i]) > kColumnsMax) report(i + 1, "longer than " + std::to_string(kColumnsMax) + " columns");
    const bool sleeps =
        std::any_of(kSleeps.begin(), kSleeps.end(), [&](auto word) { return HasWord(code_lines[i], word); });
    if (sleeps && !may_wait) report(i + 1, "nobody sleeps: waits go through Clock");
  }
  if (!EndsWith(file.path, ".h")) return;
  const auto first = std::find_if(code_lines.begin(), code_lines.end(),
                                  [](auto line) { return line.find_first_not_of(' ') != kNone; });
  if (first == code_lines.end() || *first != "#pragma once") report(1, "a header begins with #pragma once");
}

void CheckText(const File& file, Findings& findings) {
  const Reporter report(file, findings);
  std::size_t number = 0;
  for (const auto line : LinesOf(file.text)) {
    ++number;
    for (const std::string_view note : {"TO"
                                        "DO",
                                        "FIX"
                                        "ME",
                                        "XX"
                                        "X"}) {
      if (HasWord(line, note)) report(number, "a note to oneself: " + std::string(note));
    }
  }
}

void CheckDocument(const File& file, const std::function<bool(const std::string&)>& exists, Findings& findings) {
  const Reporter report(file, findings);
  const auto slash = file.path.rfind('/');
  const auto folder = slash == std::string::npos ? std::string() : file.path.substr(0, slash + 1);
  std::size_t number = 0;
  for (const auto line : LinesOf(file.text)) {
    ++number;
    for (auto open = line.find('`'); open != kNone; open = line.find('`', open + 1)) {
      const auto close = line.find('`', open + 1);
      if (close == kNone) break;
      const auto name = std::string(line.substr(open + 1, close - open - 1));
      if (NamesOurPath(name) && !exists(name)) report(number, "names " + name + ", which is not there");
      open = close;
    }
    for (auto open = line.find("]("); open != kNone; open = line.find("](", open + 1)) {
      const auto link = line.substr(open + 2, line.find(')', open) - open - 2);
      const auto path = std::string(link.substr(0, link.find('#')));
      const bool elsewhere = path.empty() || path.find("://") != std::string::npos;
      if (!elsewhere && !exists(folder + path)) report(number, "links to " + path + ", which is not there");
    }
  }
}

void CheckLayersNamed(const File& file, const Layers& layers, Findings& findings) {
  const Reporter report(file, findings);
  for (const auto& [layer, below] : layers) {
    const bool named = HasWord(file.text, "`" + layer + "`") || HasWord(file.text, layer + "/");
    if (!named) report(1, "does not name the layer " + layer);
  }
}

void CheckMirror(const Layers& layers, const std::set<std::string>& sources, const std::set<std::string>& tests,
                 Findings& findings) {
  for (const auto& layer : sources) {
    // Headers; the programs, which tests/cli and tests/serve run.
    if (layer == "include" || layer == "app" || layer == "serve") continue;
    if (!tests.contains(layer)) findings.push_back("tests/unit/" + layer + ": there are no tests of src/" + layer);
  }
  for (const auto& folder : tests) {
    if (!layers.contains(folder)) findings.push_back("tests/unit/" + folder + ": src/LAYERS has no such layer");
  }
}

}  // namespace berth::tidy
