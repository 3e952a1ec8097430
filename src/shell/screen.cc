#include "shell/screen.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "shell/console.h"
#include "shell/text_width.h"

namespace berth::shell {
namespace {

// BERTH_PAGER, PAGER, or less; empty, as in psql, is none.
std::string PagerCommand() {
  for (const char* name : {"BERTH_PAGER", "PSQL_PAGER", "PAGER"}) {
    if (const char* set = ::secure_getenv(name); set != nullptr) return set;
  }
  return ::access("/usr/bin/less", X_OK) == 0 ? "less" : "";
}

// Leaves short results on the screen, keeps long lines on one line, and shows what is UTF-8 in every locale.
const std::vector<std::string> kForLess{"LESS=FRSX", "LESSCHARSET=utf-8"};

}  // namespace

std::unique_ptr<Screen> Screen::Make(Console& console, bool pager) {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return nullptr;
  const std::size_t lines = size.ws_row > 0 ? size.ws_row : 24;
  const std::size_t columns = size.ws_col > 0 ? size.ws_col : 80;
  std::string command = pager && console.settings.pager ? PagerCommand() : std::string();
  return std::unique_ptr<Screen>(new Screen(console, lines, columns, std::move(command)));
}

Screen::Screen(Console& console, std::size_t lines, std::size_t columns, std::string pager)
    : Output(STDOUT_FILENO), console_(console), lines_(lines), columns_(columns), pager_(std::move(pager)) {}

Screen::~Screen() {
  Finish();
}

void Screen::Finish() {
  Flush();
  to_program_.reset();
  program_.reset();  // waits for it
}

bool Screen::FillsScreen(std::string_view bytes) const {
  std::size_t lines = 1;  // the prompt that comes after
  while (!bytes.empty()) {
    const auto line = bytes.substr(0, bytes.find('\n'));
    const std::size_t width = line.size() > columns_ ? ShapeOf(line).width : line.size();
    lines += std::max<std::size_t>(1, (width + columns_ - 1) / columns_);
    if (lines > lines_) return true;
    bytes.remove_prefix(std::min(bytes.size(), line.size() + 1));
  }
  return false;
}

int Screen::WriteBytes(std::string_view bytes) {
  if (!std::exchange(started_, true)) {
    console_.out.Flush();
    if (console_.progress != nullptr) console_.progress->Stop();
    if (!pager_.empty() && FillsScreen(bytes)) {
      auto program = Program::Start(pager_, Program::Pipe::kToInput, kForLess);
      if (program.ok()) {
        program_.emplace(std::move(program).value());
        to_program_.emplace(program_->pipe());
      }
    }
  }
  if (!to_program_) return Output::WriteBytes(bytes);
  to_program_->Append(bytes);
  to_program_->Flush();
  return to_program_->error();
}

}  // namespace berth::shell
