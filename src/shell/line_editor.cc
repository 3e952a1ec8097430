#include "shell/line_editor.h"

#include <errno.h>
#include <histedit.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>
#include <wchar.h>

#include <array>
#include <string_view>

#include "shell/history.h"

namespace berth::shell {
namespace {

struct CloseEdit {
  void operator()(EditLine* edit) const { ::el_end(edit); }
};
struct CloseHistory {
  void operator()(::History* history) const { ::history_end(history); }
};

// Statements are UTF-8. A locale that is not would drop what is typed beyond ASCII.
void UseUtf8() {
  ::setlocale(LC_CTYPE, "");  // NOLINT(concurrency-mt-unsafe): the shell's one thread, before it reads
  if (std::string_view(::nl_langinfo(CODESET)) != "UTF-8") {  // NOLINT(concurrency-mt-unsafe)
    ::setlocale(LC_CTYPE, "C.UTF-8");                         // NOLINT(concurrency-mt-unsafe)
  }
}

}  // namespace

struct LineEditor::Impl {
  explicit Impl(Interrupts& to_watch) : interrupts(to_watch) {}

  static Impl& Of(EditLine* edit) {
    void* self = nullptr;
    ::el_get(edit, EL_CLIENTDATA, &self);
    return *static_cast<Impl*>(self);
  }
  static char* PromptOf(EditLine* edit) { return Of(edit).prompt.data(); }
  static int ReadCharacterOf(EditLine* edit, wchar_t* out) { return Of(edit).ReadCharacter(out); }

  // One character from the terminal: 1; the end: 0; interrupted or broken: -1.
  int ReadCharacter(wchar_t* out) {
    std::mbstate_t state{};
    while (true) {
      std::array<pollfd, 2> wait{{{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                                  {.fd = interrupts.wake_fd(), .events = POLLIN, .revents = 0}}};
      if (::poll(wait.data(), wait.size(), -1) < 0) {
        if (errno == EINTR) continue;
        return -1;
      }
      if (wait[1].revents != 0) {
        if (interrupts.pending()) return -1;
        interrupts.Clear();  // a wake-up that came late, for what has been heeded
        continue;
      }
      char byte = 0;
      const auto got = ::read(STDIN_FILENO, &byte, 1);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return static_cast<int>(got);
      // The state is our own: safe among threads, whatever the check thinks.
      const auto used = ::mbrtowc(out, &byte, 1, &state);  // NOLINT(concurrency-mt-unsafe)
      if (used == static_cast<std::size_t>(-1)) {
        state = {};  // no character: forget it
      } else if (used != static_cast<std::size_t>(-2)) {
        return 1;
      }
    }
  }

  Interrupts& interrupts;
  std::string prompt;
  HistEvent event{};
  std::unique_ptr<::History, CloseHistory> history{::history_init()};
  std::unique_ptr<EditLine, CloseEdit> edit;
};

LineEditor::LineEditor(Interrupts& interrupts, const std::vector<std::string>& history)
    : impl_(std::make_unique<Impl>(interrupts)) {
  UseUtf8();
  FILE* screen = ::isatty(STDOUT_FILENO) == 1 ? stdout : stderr;
  impl_->edit.reset(::el_init("berth", stdin, screen, stderr));
  EditLine* edit = impl_->edit.get();
  ::history(impl_->history.get(), &impl_->event, H_SETSIZE, static_cast<int>(History::kEntriesMax));
  for (const auto& entry : history) Remember(entry);

  ::el_set(edit, EL_CLIENTDATA, impl_.get());
  ::el_set(edit, EL_PROMPT, &Impl::PromptOf);
  ::el_set(edit, EL_GETCFN, &Impl::ReadCharacterOf);
  ::el_set(edit, EL_HIST, &::history, impl_->history.get());
  ::el_set(edit, EL_EDITOR, "emacs");
  ::el_set(edit, EL_SIGNAL, 1);  // the terminal is put right on SIGTERM, SIGTSTP and SIGWINCH
  ::el_set(edit, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  ::el_set(edit, EL_BIND, "^I", "ed-insert", nullptr);  // a pasted tab is a tab
  ::el_source(edit, nullptr);
}

LineEditor::~LineEditor() = default;

LineEditor::End LineEditor::Read(const std::string& prompt, std::string& line) {
  impl_->prompt = prompt;
  ::el_resize(impl_->edit.get());
  ::el_set(impl_->edit.get(), EL_PREP_TERM, 1);  // before the prompt is seen: a key pressed at once is not lost
  int count = 0;
  const char* text = ::el_gets(impl_->edit.get(), &count);
  if (impl_->interrupts.pending()) return End::kInterrupted;
  if (text == nullptr || count <= 0) return End::kEndOfInput;
  line.assign(text, static_cast<std::size_t>(count));
  return End::kLine;
}

void LineEditor::Remember(const std::string& statement) {
  ::history(impl_->history.get(), &impl_->event, H_ENTER, statement.c_str());
}

}  // namespace berth::shell
