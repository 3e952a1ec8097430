#include "tmux.h"

#include <poll.h>
#include <stdio.h>
#include <sys/wait.h>

#include <array>

#include <doctest/doctest.h>

#include "support/places.h"

namespace berth::test {
namespace {

std::string Quoted(const std::string& word) {
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

Tmux::Tmux(const Home& home, const Options& options) : socket_(home / "tmux.sock") {
  std::vector<std::string> command{"-f", "/dev/null", "new-session", "-d", "-x", std::to_string(options.kind.columns),
                                   "-y", "24",        "env",         "-i"};
  for (const auto& variable : home.Environment(options.kind.locale)) {
    command.push_back(variable.starts_with("TERM=") ? "TERM=screen" : variable);
  }
  command.insert(command.end(), options.more_environment.begin(), options.more_environment.end());
  command.push_back(Program());
  command.insert(command.end(), options.arguments.begin(), options.arguments.end());
  Run(command);
}

Tmux::~Tmux() {
  Run({"kill-server"});
}

std::string Tmux::Run(const std::vector<std::string>& arguments) const {
  std::string command = "tmux -u -S " + Quoted(socket_);
  for (const auto& argument : arguments) command += " " + Quoted(argument);
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "re");
  REQUIRE(pipe != nullptr);
  std::string output;
  std::array<char, 4096> chunk;
  for (std::size_t got = 0; (got = ::fread(chunk.data(), 1, chunk.size(), pipe)) > 0;) output.append(chunk.data(), got);
  ::pclose(pipe);
  return output;
}

void Tmux::Type(const std::string& text) const {
  const bool semicolon = text.ends_with(';');  // which would end tmux's own command
  Run({"send-keys", "-l", "--", semicolon ? text.substr(0, text.size() - 1) + "\\;" : text});
}

void Tmux::Key(const std::string& name) const {
  Run({"send-keys", name});
}

std::string Tmux::Screen() const {
  return Run({"capture-pane", "-p"});
}

std::string Tmux::Await(const std::string& text) const {
  std::string screen;
  const auto there = [&] {
    screen = Screen();
    return screen.find(text) != std::string::npos;
  };
  for (int i = 0; i < 300; ++i) {
    if (there()) return screen;
    ::poll(nullptr, 0, 40);
  }
  FAIL("no \"", text, "\" on the screen:\n", screen);
  return screen;
}

void Tmux::AwaitGone(const std::string& text) const {
  Until([&] { return Screen().find(text) == std::string::npos; });
}

bool Tmux::Ended() const {
  return Run({"has-session"}).find("no ") != std::string::npos ||
         Run({"list-sessions"}).find("no server") != std::string::npos;
}

}  // namespace berth::test
