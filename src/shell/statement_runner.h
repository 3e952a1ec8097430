#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shell/console.h"

namespace berth::shell {

// What becomes of a statement's results; by default they are written as the settings say.
struct Handling {
  Formatter* formatter = nullptr;     // takes the rows itself
  std::optional<FormatOptions> look;  // instead of the settings'
  Output* to = nullptr;               // instead of the console's results
  bool to_server = false;             // whatever it says, it is the server's
  bool quiet = false;                 // no tag, no echo, no timing: a question of the shell's own
  bool pager = true;                  // a result longer than the screen may go through it
  std::vector<std::optional<std::string>> parameters{};
  ClientData input{};                     // what its COPY .. FROM STDIN reads
  std::function<void(Error&)> explain{};  // adds to an error what the statement's author knows
};

// Runs one statement and writes its results as they come; errors, notices and tags go to standard error.
// `text` is as it was typed: variables are replaced here.
Verdict RunStatement(Console& console, std::string_view text, const Place& place, const Handling& handling = {});

// Rows kept in memory, for questions with small answers and for \gset and \gexec. Beyond the limit rows are dropped and
// overflowed() says so.
class Collected final : public Formatter {
 public:
  static constexpr std::size_t kBytesMax = 64u << 20;

  void Begin(std::span<const Column> columns) override;
  void Row(std::span<const Field> fields) override;
  void End() override {}
  void Abandon() override {}

  const std::vector<Column>& columns() const { return columns_; }
  const std::vector<std::vector<std::optional<std::string>>>& rows() const { return rows_; }
  bool overflowed() const { return overflowed_; }

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::optional<std::string>>> rows_;
  std::size_t bytes_ = 0;
  bool overflowed_ = false;
};

// Columns of standard output's terminal; nullopt where it is none.
std::optional<std::size_t> ScreenColumns();
inline constexpr std::size_t kColumnsUnlimited = std::numeric_limits<std::size_t>::max();

}  // namespace berth::shell
