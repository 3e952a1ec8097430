#include "shell/interactive.h"

#include <fmt/core.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "parser/redact.h"
#include "parser/scan.h"
#include "parser/splitter.h"
#include "shell/history.h"
#include "shell/line_editor.h"
#include "shell/meta_commands.h"
#include "shell/name_cache.h"
#include "shell/prompt.h"
#include "shell/script.h"
#include "shell/statement_runner.h"

namespace berth::shell {
namespace {

class Interactive {
 public:
  Interactive(Console& console, const std::vector<std::string>& earlier)
      : console_(console), history_(console.history_file), editor_(console.interrupts, earlier) {
    console_.input = &splitter_;
    console_.conditions = &conditions_;
    if (console.engine == nullptr) return;
    names_ = std::make_unique<NameCache>(*console.engine, console.conversation, console.clock);
    editor_.SetCompleter([this](std::string_view line) {
      auto completions = Complete(typed_ + std::string(line), *names_->names());
      if (completions.begin < typed_.size()) return Completions{};
      completions.begin -= typed_.size();
      return completions;
    });
  }

  void Run() {
    while (true) {
      if (!RunWhatIsComplete()) return;
      std::string line;
      switch (Read(line)) {
        case LineEditor::End::kEndOfInput:
          console_.Say("\n");
          return;
        case LineEditor::End::kInterrupted:
          console_.Say("\n");
          if (MeansToLeave()) return;
          conditions_.Reset();
          Forget();
          break;
        case LineEditor::End::kReopen:
          reopened_ = std::exchange(typed_, {}) + std::string(base::Trim(line));
          splitter_.Reset();
          break;
        case LineEditor::End::kLine:
          typed_ += line;
          interrupted_.reset();
          splitter_.SetBackslashEscapes(console_.conversation.state().backslash_escapes);
          splitter_.Feed(line);
          break;
      }
    }
  }

 private:
  LineEditor::End Read(std::string& line) {
    const LineEditor::Request request{
        .prompt = Prompt(console_.conversation.state(), splitter_.open(), console_.runs()),
        .initial = std::exchange(reopened_, {}),
        .lines_above = !typed_.empty()};
    if (names_) names_->Enter();
    const auto end = editor_.Read(request, line);
    if (names_) names_->Leave();
    return end;
  }

  // Ctrl-C twice within a second, and no key between.
  bool MeansToLeave() {
    const auto now = console_.clock.Now();
    const bool again = interrupted_ && !editor_.touched() && now - *interrupted_ < kTwice;
    interrupted_ = now;
    if (again) console_.interrupts.Leave();
    return console_.interrupts.leaving();
  }

  // False: the shell ends.
  bool RunWhatIsComplete() {
    while (const auto piece = splitter_.Next()) {
      const bool meta = piece->kind == parser::Piece::Kind::kMetaCommand;
      if (!meta && !console_.runs()) continue;
      if (!meta) console_.Remember(*piece);
      const auto verdict = meta ? RunMetaCommand(console_, piece->text, {}) : RunStatement(console_, piece->text, {});
      GoOnWithTyped();
      if (verdict == Verdict::kInterrupted) {
        Keep();
        interrupted_ = console_.clock.Now();
        if (console_.interrupts.leaving()) return false;
        Forget();  // what else stood on the line was not meant to run alone
        return true;
      }
      if (verdict == Verdict::kQuit || verdict == Verdict::kOutputGone) {
        Keep();
        return false;
      }
      if (names_ && (meta || ChangesNames(piece->text))) names_->Forget();
      splitter_.SetBackslashEscapes(console_.conversation.state().backslash_escapes);
    }
    if (!splitter_.pending() && splitter_.open() == parser::OpenQuote::kNone) Keep();
    return true;
  }

  // Whether relations of the warehouse may have come, gone or changed.
  static bool ChangesNames(std::string_view text) {
    parser::Scanner scanner(text, false);
    const auto first = scanner.Next();
    return !first.IsWord("select") && !first.IsWord("show") && !first.IsWord("insert") && !first.IsWord("update") &&
           !first.IsWord("delete") && !first.IsWord("with") && !first.IsWord("explain");
  }

  // \e: the editor's text stands for what was typed.
  void GoOnWithTyped() {
    if (!console_.typed) return;
    Keep();
    splitter_.DropPending();
    typed_ = *std::exchange(console_.typed, std::nullopt);
    console_.Say(parser::Redact(typed_).text);
    splitter_.Feed(typed_);
  }

  // What was typed goes into the history as one entry, unless it held a secret.
  void Keep() {
    const std::string text(base::Trim(typed_));
    typed_.clear();
    if (text.empty() || text == last_) return;
    const auto kept = history_.Append(text);
    if (!kept.ok() && !warned_) {
      warned_ = true;
      console_.Say(ErrorText(kept.error(), console_.settings.messages));
    }
    if (kept.ok() && !kept.value()) return;
    editor_.Remember(text);
    last_ = text;
  }

  void Forget() {
    splitter_.Reset();
    typed_.clear();
    console_.interrupts.Clear();
  }

  static constexpr std::chrono::seconds kTwice{1};

  Console& console_;
  History history_;
  LineEditor editor_;
  std::unique_ptr<NameCache> names_;  // null: nothing is completed
  parser::Splitter splitter_{{.meta_commands = true}};
  Conditions conditions_;
  std::string typed_;     // since the last complete statement
  std::string reopened_;  // lines of it that are edited once more
  std::string last_;      // entry: the same once more is not kept
  std::optional<Clock::Steady> interrupted_;
  bool warned_ = false;
};

// What a person wants at each start. It may be missing, and what fails in it does not keep the shell from starting.
bool RunStartFile(Console& console, const std::string& path) {
  if (path.empty() || ::access(path.c_str(), F_OK) != 0) return true;
  const auto verdict = RunFile(console, path);
  if (!verdict.ok()) console.Fail(verdict.error(), "", {});
  return !verdict.ok() || verdict.value() != Verdict::kOutputGone;
}

}  // namespace

int RunInteractive(Console& console, const std::string& history_file, const std::string& start_file) {
  console.interactive = true;
  console.history_file = history_file;
  const auto earlier = History(history_file).Load();
  if (!earlier.ok()) console.Say(ErrorText(earlier.error(), console.settings.messages));
  if (!RunStartFile(console, start_file)) return 0;
  console.Say(fmt::format("The catalog is {}. \\? shows the commands, \\q leaves.\n", console.catalog_name));
  Interactive(console, earlier.ok() ? earlier.value() : std::vector<std::string>()).Run();
  return console.interrupts.leaving() ? kInterruptedStatus : 0;
}

}  // namespace berth::shell
