#include "app/doctor.h"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "app/places.h"
#include "base/strings.h"
#include "base/try.h"
#include "berth/engine.h"
#include "parser/redact.h"
#include "shell/error_text.h"
#include "shell/interrupts.h"
#include "shell/output.h"
#include "shell/password_prompt.h"
#include "shell/text_width.h"

namespace berth::app {
namespace {

constexpr int kUnwell = 1;
constexpr int kUsage = 2;
constexpr int kNoCatalog = 3;
constexpr std::string_view kRoots = "/etc/ssl/certs/ca-certificates.crt";

constexpr const char* kHelp =
    R"(berth doctor [options]
Looks at the catalog, its key file, the folders, the root certificates and a
login on each connection, and says what to mend.

      --catalog URL       as for berth
      --timeout TIME      for each connection (default: 15s)

Exit status: 0 all is well, 1 something is not, 2 usage, 3 the catalog could
not be opened.
)";

struct Wanted {
  std::string catalog;
  std::chrono::milliseconds timeout{15'000};
  bool help = false;
};

Error Usage(std::string message) {
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = std::move(message),
               .hint = "berth doctor --help says what there is."};
}

Result<Wanted> ParseWanted(int argc, const char* const* argv) {
  Wanted wanted;
  std::string timeout;
  CLI::App app;
  app.set_help_flag();
  app.add_flag("-h,--help", wanted.help);
  app.add_option("--catalog", wanted.catalog);
  app.add_option("--timeout", timeout);
  try {
    app.parse(argc - 1, argv + 1);
  } catch (const CLI::Error& error) {
    return Usage(parser::Redact(error.what()).text);
  }
  if (timeout.empty()) return wanted;
  const auto ms = base::ParseDurationMs(timeout);
  if (!ms || *ms <= 0) return Usage(fmt::format("--timeout takes a time above 0 such as 30s, not \"{}\"", timeout));
  wanted.timeout = std::chrono::milliseconds(*ms);
  return wanted;
}

// One line a finding: what, how it is, and what to do.
class Report {
 public:
  explicit Report(shell::Output& out) : out_(out) {}
  void Ok(std::string_view what, std::string_view how) { Line("ok", what, how); }
  void Mend(std::string_view what, std::string_view how, std::string_view hint) {
    well_ = false;
    Line("MEND", what, how);
    if (!hint.empty()) out_.Append(fmt::format("{:6}{:<20} {}\n", "", "", hint));
    out_.Flush();
  }
  bool well() const { return well_; }

 private:
  void Line(std::string_view state, std::string_view what, std::string_view how) {
    out_.Append(fmt::format("{:<5} {:<20} {}\n", state, shell::DisplayOneLine(what), shell::DisplayOneLine(how)));
    out_.Flush();
  }
  shell::Output& out_;
  bool well_ = true;
};

// A file that is the owner's, or one group's, and nobody else's.
void LookAtFile(Report& report, std::string_view what, const std::string& path, mode_t not_wanted) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) {
    report.Ok(what, fmt::format("{} is not there yet", path));
    return;
  }
  const auto mode = static_cast<unsigned>(facts.st_mode & 07777U);
  const auto text = fmt::format("{}, mode {:04o}, owner {}", path, mode, facts.st_uid);
  if ((facts.st_mode & not_wanted) != 0) {
    report.Mend(what, text + ": others can read or change it", fmt::format("chmod o-rwx,g-w {}", path));
  } else {
    report.Ok(what, text);
  }
}

// Who may write here may put another catalog or key in the place of this one.
void LookAtFolder(Report& report, const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  struct stat facts{};
  if (::stat(folder.empty() ? "." : folder.c_str(), &facts) != 0) return;  // a catalog in memory
  const auto mode = static_cast<unsigned>(facts.st_mode & 07777U);
  const auto text = fmt::format("{}, mode {:04o}, owner {}", folder, mode, facts.st_uid);
  if ((mode & S_IWOTH) != 0) {
    report.Mend("folder", text + ": others can replace what is in it", fmt::format("chmod o-w {}", folder));
  } else {
    report.Ok("folder", text);
  }
}

// How many connections have a password that the key file opens. It is shown as asterisks, and no other is.
Result<std::size_t> SealedPasswords(Engine& engine, Deadline deadline) {
  BERTH_ASSIGN(const auto rows, engine.Execute("SHOW CONNECTIONS", "", {}, deadline));
  std::size_t count = 0;
  while (true) {
    BERTH_ASSIGN(const auto row, rows->Next());
    if (!row) return count;
    for (std::size_t i = 0; i < row->size(); ++i) {
      if (rows->columns()[i].name == "password" && (*row)[i].value_or("").starts_with("**")) ++count;
    }
  }
}

void LookAtKey(Report& report, Engine& engine, const std::string& path, Deadline deadline) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) {
    const auto sealed = SealedPasswords(engine, deadline);
    if (sealed.ok() && sealed.value() > 0) {
      report.Mend("key file", fmt::format("{} is missing, and {} password(s) are sealed with it", path, sealed.value()),
                  "Put it back (berth backup --with-key keeps one), or name it with BERTH_KEY_FILE. If it is lost, "
                  "ALTER REDSHIFT CONNECTION .. SET PASSWORD = ..");
      return;
    }
    report.Ok("key file", fmt::format("{} is not there yet: it is made for the first literal password", path));
    return;
  }
  if (const auto key = engine.SealingKeys(); !key.ok()) {
    report.Mend("key file", key.error().message, key.error().hint);
    return;
  }
  LookAtFile(report, "key file", path, S_IRWXO | S_IWGRP);
}

void LookAtRoots(Report& report) {
  std::ifstream file{std::string(kRoots)};
  std::size_t certificates = 0;
  for (std::string line; std::getline(file, line);) certificates += line == "-----BEGIN CERTIFICATE-----" ? 1 : 0;
  if (certificates > 0) {
    report.Ok("root certificates", fmt::format("{}, {} certificates", kRoots, certificates));
  } else {
    report.Mend("root certificates",
                fmt::format("{} holds none: a server that shows one of a public authority is refused", kRoots),
                "Install the package ca-certificates, or name a file with sslrootcert in the connection string.");
  }
}

// TEST CONNECTION, whose rows are steps: the last one is where it stands.
void LookAtConnection(Report& report, Engine& engine, const ConnectionFacts& connection, Deadline deadline) {
  const auto what = fmt::format("connection {}", connection.name);
  const auto where = fmt::format("{}@{}:{}/{}", connection.user, connection.host, connection.port, connection.database);
  const auto mend = [&](const Error& error) {
    report.Mend(what, fmt::format("{}: {}", where, error.message), error.hint);
  };
  const auto statement = "TEST CONNECTION " + base::QuoteIdentifier(connection.name);
  const auto outcome = engine.Execute(statement, "", {}, deadline);
  if (!outcome.ok()) return mend(outcome.error());
  auto& rows = *outcome.value();
  while (true) {
    const auto row = rows.Next();
    if (!row.ok()) return mend(row.error());
    if (row.value()) continue;
    const auto more = rows.NextResult();
    if (!more.ok()) return mend(more.error());
    if (!more.value()) break;
  }
  report.Ok(what, where);
}

std::string PathOf(const std::string& catalog_name) {
  const auto colon = catalog_name.find(':');
  return colon == std::string::npos ? catalog_name : catalog_name.substr(colon + 1);
}

int Examine(const Wanted& wanted, shell::Output& out, shell::Output& err) {
  shell::Interrupts interrupts;
  const auto watcher = shell::SignalWatcher::Start(interrupts, shell::SignalWatcher::Second::kExits);
  Report report(out);
  auto options = EngineOptionsOf(wanted.catalog);
  options.ask_password = [&interrupts](std::string_view connection, std::string_view user) {
    return shell::AskPassword(connection, user, interrupts);
  };
  const std::string key_file = options.key_file;
  const auto engine = Engine::Open(std::move(options));
  if (!engine.ok()) {
    err.Append(shell::ErrorText(engine.error()));
    return kNoCatalog;
  }
  const auto path = PathOf(engine.value()->CatalogName());
  LookAtFolder(report, path);
  LookAtFile(report, "catalog", path, S_IRWXO);
  LookAtKey(report, *engine.value(), key_file.empty() ? path + ".key" : key_file,
            Deadline::After(Clock::System(), wanted.timeout));
  LookAtFile(report, "slots", path + ".slots", S_IRWXO);
  LookAtFile(report, "history", HistoryFile(), S_IRWXO | S_IRWXG);
  LookAtRoots(report);
  const auto connections = engine.value()->Connections();
  if (!connections.ok()) {
    report.Mend("connections", connections.error().message, connections.error().hint);
    return kUnwell;
  }
  for (const auto& connection : connections.value()) {
    if (interrupts.pending()) return shell::kInterruptedStatus;
    LookAtConnection(report, *engine.value(), connection, Deadline::After(Clock::System(), wanted.timeout));
  }
  return report.well() ? 0 : kUnwell;
}

}  // namespace

int Doctor(int argc, char** argv) {
  shell::Output out(STDOUT_FILENO);
  shell::Output err(STDERR_FILENO);
  const auto wanted = ParseWanted(argc, argv);
  if (!wanted.ok()) {
    err.Append(shell::ErrorText(wanted.error()));
    return kUsage;
  }
  if (wanted.value().help) {
    out.Append(kHelp);
    return 0;
  }
  return Examine(wanted.value(), out, err);
}

}  // namespace berth::app
