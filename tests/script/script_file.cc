#include "script/script_file.h"

#include <optional>
#include <utility>

#include "base/strings.h"

namespace berth::script {
namespace {

constexpr std::string_view kDashes = "----";

struct Directive {
  std::string_view word;
  Kind kind = Kind::kStatement;
};
constexpr Directive kDirectives[] = {
    {"statement", Kind::kStatement},
    {"query", Kind::kQuery},
    {"tag", Kind::kTag},
    {"notice", Kind::kNotice},
    {"columns", Kind::kColumns},
    {"at", Kind::kAt},
    {"state", Kind::kState},
    {"conversation", Kind::kConversation},
    {"close", Kind::kClose},
    {"set-env", Kind::kSetEnv},
    {"write-file", Kind::kWriteFile},
    {"warehouse", Kind::kWarehouse},
    {"restart", Kind::kRestart},
    {"absent", Kind::kAbsent},
    {"timeout", Kind::kTimeout},
};

std::optional<Kind> FindKind(std::string_view word) {
  for (const auto& directive : kDirectives) {
    if (directive.word == word) return directive.kind;
  }
  return std::nullopt;
}

// The first word of `text`, which loses it.
std::string TakeWord(std::string_view& text) {
  text = base::Trim(text);
  const auto end = std::min(text.find(' '), text.size());
  const std::string word(text.substr(0, end));
  text = base::Trim(text.substr(end));
  return word;
}

class Reader {
 public:
  explicit Reader(std::string_view text) {
    while (!text.empty()) {
      const auto end = text.find('\n');
      lines_.push_back(text.substr(0, end));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
  }

  ScriptFile Run() {
    while (at_ < lines_.size()) {
      const auto line = base::Trim(lines_[at_++]);
      if (!line.empty() && line[0] != '#') ReadStep(line);
    }
    return std::move(out_);
  }

 private:
  void Wrong(const std::string& what) { out_.errors.push_back("line " + std::to_string(at_) + ": " + what); }

  void ReadStep(std::string_view line) {
    Step step;
    step.line = at_;
    const auto word = TakeWord(line);
    const auto kind = FindKind(word);
    if (!kind) return Wrong("unknown directive " + word);
    step.kind = *kind;
    if (step.kind == Kind::kStatement && !ReadOutcome(step, line)) return;
    if (step.kind == Kind::kQuery) {
      const auto sort = TakeWord(line);
      if (!sort.empty() && sort != "nosort" && sort != "rowsort")
        return Wrong("query knows nosort and rowsort, not " + sort);
      step.sorted = sort == "rowsort";
    }
    step.argument = line;
    const bool has_block = step.kind == Kind::kStatement || step.kind == Kind::kQuery;
    if (has_block && !ReadBlock(step)) return;
    out_.steps.push_back(std::move(step));
  }

  bool ReadOutcome(Step& step, std::string_view& line) {
    const auto outcome = TakeWord(line);
    if (outcome == "ok" && line.empty()) return true;
    step.fails = true;
    step.sqlstate = outcome == "error" ? TakeWord(line) : "";
    if (step.sqlstate.size() == 5) return true;
    Wrong("write `statement ok` or `statement error <SQLSTATE> [text]`");
    return false;
  }

  // SQL to an empty line or ----; then what is expected, to an empty line.
  bool ReadBlock(Step& step) {
    bool below = false;
    for (; at_ < lines_.size() && !base::Trim(lines_[at_]).empty(); ++at_) {
      const auto line = lines_[at_];
      if (!below && line == kDashes) {
        below = true;
      } else if (below) {
        step.expected.emplace_back(line);
      } else {
        step.sql += (step.sql.empty() ? "" : "\n") + std::string(line);
      }
    }
    if (step.sql.empty()) Wrong("there is no SQL below the directive");
    if (step.kind == Kind::kQuery && !below) Wrong("a query needs ---- and the rows that it gives");
    if (step.kind == Kind::kStatement && !step.fails && below) Wrong("`statement ok` expects no rows: write `query`");
    return !step.sql.empty();
  }

  std::vector<std::string_view> lines_;
  std::size_t at_ = 0;
  ScriptFile out_;
};

}  // namespace

ScriptFile ReadScript(std::string_view text) {
  return Reader(text).Run();
}

}  // namespace berth::script
