#include "shell/line_editor.h"

#include <errno.h>
#include <histedit.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/strings.h"
#include "shell/history.h"
#include "shell/text_width.h"

namespace berth::shell {
namespace {

// Keys that no keyboard sends: libedit's own functions are reached by them from ours.
constexpr const char* kPreviousEntry = "\033[9001~";
constexpr const char* kNextEntry = "\033[9002~";
constexpr const char* kPutInitial = "\033[9003~";
constexpr std::string_view kPasteEnd = "\033[201~";
constexpr int kTypedBytesMax = 8;                   // behind a tab: of a person who is ahead of the program
constexpr std::size_t kListedMax = 200;             // completions on the screen
constexpr std::size_t kPastedBytesMax = 16u << 20;  // as the longest statement

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

// Whether the terminal understands sequences at all.
bool KnowsSequences() {
  const char* terminal = ::secure_getenv("TERM");
  return terminal != nullptr && *terminal != '\0' && std::string_view(terminal) != "dumb";
}

int CountCharacters(std::string_view text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// In columns, as ls does.
std::string Listed(const std::vector<std::string>& words) {
  winsize size{};
  const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  const std::size_t screen = known ? size.ws_col : 80;
  const std::size_t shown = std::min(words.size(), kListedMax);
  std::size_t widest = 1;
  for (std::size_t i = 0; i < shown; ++i) widest = std::max(widest, ShapeOf(words[i]).width);
  const std::size_t columns = std::max<std::size_t>(1, screen / (widest + 2));
  const std::size_t lines = (shown + columns - 1) / columns;
  std::string text = "\n";
  for (std::size_t line = 0; line < lines; ++line) {
    for (std::size_t i = line; i < shown; i += lines) {
      text += DisplayOneLine(words[i]);
      if (i + lines < shown) text += std::string(widest + 2 - ShapeOf(words[i]).width, ' ');
    }
    text += '\n';
  }
  if (shown < words.size()) text += ".. and " + std::to_string(words.size() - shown) + " more\n";
  return text;
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

  // One byte from the terminal: 1; the end: 0; interrupted or broken: -1.
  int ReadByte(char& byte) {
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
      const auto got = ::read(STDIN_FILENO, &byte, 1);
      if (got < 0 && errno == EINTR) continue;
      touched = touched || got > 0;
      return got <= 0 ? static_cast<int>(got) : 1;
    }
  }

  int ReadCharacter(wchar_t* out) {
    std::mbstate_t state{};
    while (true) {
      char byte = 0;
      if (const int got = ReadByte(byte); got <= 0) return got;
      // The state is our own: safe among threads, whatever the check thinks.
      const auto used = ::mbrtowc(out, &byte, 1, &state);  // NOLINT(concurrency-mt-unsafe)
      if (used == static_cast<std::size_t>(-1)) {
        state = {};  // no character: forget it
      } else if (used != static_cast<std::size_t>(-2)) {
        return 1;
      }
    }
  }

  std::string_view BeforeCursor() const {
    const LineInfo* info = ::el_line(edit.get());
    return {info->buffer, static_cast<std::size_t>(info->cursor - info->buffer)};
  }
  std::string_view Line() const {
    const LineInfo* info = ::el_line(edit.get());
    return {info->buffer, static_cast<std::size_t>(info->lastchar - info->buffer)};
  }
  void Write(const std::string& text) const {
    ::fputs(text.c_str(), screen);
    ::fflush(screen);
  }

  // A tab with much behind it was pasted, on a terminal that does not say so; one at the front of a line is meant as
  // one.
  static unsigned char Tab(EditLine* edit, int) {
    Impl& impl = Of(edit);
    int more = 0;
    const bool pasted = ::ioctl(STDIN_FILENO, FIONREAD, &more) == 0 && more > kTypedBytesMax;
    const std::string before(impl.BeforeCursor());
    if (base::Trim(before).empty() || pasted || !impl.completer) {
      ::el_insertstr(edit, "\t");
      return CC_REFRESH;
    }
    const auto completions = impl.completer(before);
    if (completions.words.empty()) return CC_REFRESH_BEEP;
    const auto word = std::string_view(before).substr(completions.begin);
    auto common = CommonPrefix(completions.words);
    const bool one = completions.words.size() == 1;
    if (one) common += common.starts_with('\\') || !common.ends_with('(') ? " " : "";
    if (common.size() > word.size() || (one && common != word)) {
      ::el_deletestr(edit, CountCharacters(word));
      ::el_insertstr(edit, common.c_str());
      return CC_REFRESH;
    }
    impl.Write(Listed(completions.words));
    return CC_REDISPLAY;
  }

  static unsigned char Up(EditLine* edit, int) {
    Impl& impl = Of(edit);
    const std::string before(impl.BeforeCursor());
    const auto newline = before.rfind('\n');
    if (newline == std::string::npos) {
      if (!impl.lines_above) {
        ::el_push(edit, kPreviousEntry);
        return CC_NORM;
      }
      impl.reopen = true;
      return CC_NEWLINE;
    }
    const auto above = before.rfind('\n', newline == 0 ? 0 : newline - 1);
    const std::size_t begin = above == std::string::npos || newline == 0 ? 0 : above + 1;
    const int column = CountCharacters(std::string_view(before).substr(newline + 1));
    const int width = CountCharacters(std::string_view(before).substr(begin, newline - begin));
    ::el_cursor(edit, -(column + 1 + std::max(0, width - column)));
    return CC_REFRESH;
  }

  static unsigned char Down(EditLine* edit, int) {
    const Impl& impl = Of(edit);
    const std::string before(impl.BeforeCursor());
    const std::string after(impl.Line().substr(before.size()));
    const auto newline = after.find('\n');
    if (newline == std::string::npos) {
      ::el_push(edit, kNextEntry);
      return CC_NORM;
    }
    const auto line = before.rfind('\n');
    const int column = CountCharacters(std::string_view(before).substr(line == std::string::npos ? 0 : line + 1));
    const auto below = std::string_view(after).substr(newline + 1);
    const int width = CountCharacters(below.substr(0, below.find('\n')));
    ::el_cursor(edit, CountCharacters(std::string_view(after).substr(0, newline)) + 1 + std::min(column, width));
    return CC_REFRESH;
  }

  static unsigned char PutInitial(EditLine* edit, int) {
    ::el_insertstr(edit, Of(edit).initial.c_str());
    return CC_REFRESH;
  }

  // Newlines and tabs of what is pasted stay what they are: nothing runs before Enter is pressed.
  static unsigned char Paste(EditLine* edit, int) {
    Impl& impl = Of(edit);
    std::string text;
    for (char byte = 0; !text.ends_with(kPasteEnd) && text.size() < kPastedBytesMax; text += byte) {
      if (impl.ReadByte(byte) <= 0) return CC_EOF;
    }
    if (text.ends_with(kPasteEnd)) text.resize(text.size() - kPasteEnd.size());
    std::replace(text.begin(), text.end(), '\r', '\n');
    if (!text.empty()) ::el_insertstr(edit, text.c_str());
    return CC_REFRESH;
  }

  void Bind() {
    EditLine* const to = edit.get();
    ::el_wset(to, EL_ADDFN, L"berth-complete", L"completes the word", &Impl::Tab);
    ::el_wset(to, EL_ADDFN, L"berth-up", L"the line above, or the entry before", &Impl::Up);
    ::el_wset(to, EL_ADDFN, L"berth-down", L"the line below, or the entry after", &Impl::Down);
    ::el_wset(to, EL_ADDFN, L"berth-initial", L"what stands there at first", &Impl::PutInitial);
    ::el_wset(to, EL_ADDFN, L"berth-paste", L"pasted text", &Impl::Paste);
    const auto bind = [&](const char* key, const char* function) { ::el_set(to, EL_BIND, key, function, nullptr); };
    bind("^R", "em-inc-search-prev");
    bind("^I", "berth-complete");
    bind(kPreviousEntry, "ed-prev-history");
    bind(kNextEntry, "ed-next-history");
    bind(kPutInitial, "berth-initial");
    bind("\033[200~", "berth-paste");
    for (const char* up : {"\033[A", "\033OA", "^P"}) bind(up, "berth-up");
    for (const char* down : {"\033[B", "\033OB", "^N"}) bind(down, "berth-down");
  }

  Interrupts& interrupts;
  FILE* screen = ::isatty(STDOUT_FILENO) == 1 ? stdout : stderr;
  const bool sequences = KnowsSequences();
  Completer completer;
  std::string prompt, initial;
  bool lines_above = false;
  bool reopen = false;
  bool touched = false;
  HistEvent event{};
  std::unique_ptr<::History, CloseHistory> history{::history_init()};
  std::unique_ptr<EditLine, CloseEdit> edit;
};

LineEditor::LineEditor(Interrupts& interrupts, const std::vector<std::string>& history)
    : impl_(std::make_unique<Impl>(interrupts)) {
  UseUtf8();
  impl_->edit.reset(::el_init("berth", stdin, impl_->screen, stderr));
  EditLine* edit = impl_->edit.get();
  ::history(impl_->history.get(), &impl_->event, H_SETSIZE, static_cast<int>(History::kEntriesMax));
  for (const auto& entry : history) Remember(entry);

  ::el_set(edit, EL_CLIENTDATA, impl_.get());
  ::el_set(edit, EL_PROMPT, &Impl::PromptOf);
  ::el_set(edit, EL_GETCFN, &Impl::ReadCharacterOf);
  ::el_set(edit, EL_HIST, &::history, impl_->history.get());
  ::el_set(edit, EL_EDITOR, "emacs");
  ::el_set(edit, EL_SIGNAL, 1);  // the terminal is put right on SIGTERM, SIGTSTP and SIGWINCH
  impl_->Bind();
  ::el_source(edit, nullptr);
}

LineEditor::~LineEditor() = default;

void LineEditor::SetCompleter(Completer completer) {
  impl_->completer = std::move(completer);
}

bool LineEditor::touched() const {
  return impl_->touched;
}

LineEditor::End LineEditor::Read(const Request& request, std::string& line) {
  Impl& impl = *impl_;
  impl.prompt = request.prompt;
  impl.initial = request.initial;
  impl.lines_above = request.lines_above;
  impl.reopen = false;
  impl.touched = false;
  ::el_resize(impl.edit.get());
  ::el_set(impl.edit.get(), EL_PREP_TERM, 1);  // before the prompt is seen: a key pressed at once is not lost
  if (impl.sequences) impl.Write("\033[?2004h");
  if (!impl.initial.empty()) ::el_push(impl.edit.get(), kPutInitial);
  int count = 0;
  const char* text = ::el_gets(impl.edit.get(), &count);
  if (impl.sequences) impl.Write("\033[?2004l");
  if (impl.interrupts.pending()) return End::kInterrupted;
  if (text == nullptr || count <= 0) return impl.reopen ? End::kReopen : End::kEndOfInput;
  line.assign(text, static_cast<std::size_t>(count));
  return impl.reopen ? End::kReopen : End::kLine;
}

void LineEditor::Remember(const std::string& statement) {
  ::history(impl_->history.get(), &impl_->event, H_ENTER, statement.c_str());
}

}  // namespace berth::shell
