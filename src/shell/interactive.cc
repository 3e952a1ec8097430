#include "shell/interactive.h"

#include <fmt/core.h>

#include <optional>
#include <utility>

#include "base/strings.h"
#include "parser/redact.h"
#include "parser/splitter.h"
#include "shell/history.h"
#include "shell/line_editor.h"
#include "shell/meta_commands.h"
#include "shell/prompt.h"
#include "shell/statement_runner.h"

namespace berth::shell {
namespace {

class Interactive {
 public:
  Interactive(Console& console, const std::string& history_file, const std::vector<std::string>& earlier)
      : console_(console), history_(history_file), editor_(console.interrupts, earlier) {
    console_.input = &splitter_;
  }

  void Run() {
    while (true) {
      if (!RunWhatIsComplete()) return;
      std::string line;
      switch (editor_.Read(Prompt(console_.conversation.state(), splitter_.open()), line)) {
        case LineEditor::End::kEndOfInput:
          console_.Say("\n");
          return;
        case LineEditor::End::kInterrupted:
          console_.Say("\n");
          Forget();
          break;
        case LineEditor::End::kLine:
          typed_ += line;
          splitter_.SetBackslashEscapes(console_.conversation.state().backslash_escapes);
          splitter_.Feed(line);
          break;
      }
    }
  }

 private:
  // False: the shell ends.
  bool RunWhatIsComplete() {
    while (const auto piece = splitter_.Next()) {
      const bool meta = piece->kind == parser::Piece::Kind::kMetaCommand;
      if (!meta) console_.last_statement = piece->text;
      const auto verdict = meta ? RunMetaCommand(console_, piece->text, {}) : RunStatement(console_, piece->text, {});
      GoOnWithTyped();
      if (verdict == Verdict::kInterrupted) {
        Keep();
        Forget();  // what else stood on the line was not meant to run alone
        return true;
      }
      if (verdict == Verdict::kQuit || verdict == Verdict::kOutputGone) {
        Keep();
        return false;
      }
      splitter_.SetBackslashEscapes(console_.conversation.state().backslash_escapes);
    }
    if (!splitter_.pending() && splitter_.open() == parser::OpenQuote::kNone) Keep();
    return true;
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
      console_.Say(ErrorText(kept.error()));
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

  Console& console_;
  History history_;
  LineEditor editor_;
  parser::Splitter splitter_{{.meta_commands = true}};
  std::string typed_;  // since the last complete statement
  std::string last_;   // entry: the same once more is not kept
  bool warned_ = false;
};

}  // namespace

int RunInteractive(Console& console, const std::string& history_file) {
  console.interactive = true;
  console.history_file = history_file;
  const auto earlier = History(history_file).Load();
  if (!earlier.ok()) console.Say(ErrorText(earlier.error()));
  console.Say(fmt::format("The catalog is {}. \\? shows the commands, \\q leaves.\n", console.catalog_name));
  Interactive(console, history_file, earlier.ok() ? earlier.value() : std::vector<std::string>()).Run();
  return 0;
}

}  // namespace berth::shell
