#include "serve/serve_arguments.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <limits>
#include <string_view>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "jobs/scheduler.h"
#include "parser/redact.h"

namespace berth::serve {
namespace {

constexpr const char* kHelp =
    R"(berth serve [options]
Answers the Amazon Redshift Data API on the catalog's connections.
  --listen ADDRESS       host:port (127.0.0.1:8439), unless systemd has a socket
  --dev URL              postgresql://user:password@host:port/database: a new
                         catalog, no keys; whatever a client names runs there
  --auth sigv4|none      sigv4: keys of service users (CREATE SERVICE USER ..);
                         none: loopback only, requests are not signed
  --tls-cert F --tls-key F   PEM files; read again on SIGHUP
  --insecure-http        plain HTTP beyond the loopback
  --metrics ADDRESS      /livez, /readyz and /metrics (none)
  --catalog URL          as for berth
  --data FOLDER          statements and results (beside the catalog)
  --durable              accepted statements survive a power cut
  --retention TIME       of statements and results (24h), which have at most
    --result-max-bytes N (500MB), --results-max-bytes N of all (20GiB),
    --max-row-bytes N (any)
  --active-max N (500), --active-per-user-max N (100)  statements not ended
  --workers N (64), --jobs N (4; 0: none)  statements and scheduled jobs at once
  --hold-describe TIME   DescribeStatement waits for the end (0; at most 30s)
  --audit-log FILE|none  (audit.log in the data folder); --audit-sql: with texts
  --event-url URL        is told of ended statements that ask for an event
  --drain TIME           SIGTERM, SIGINT: nothing new; those that run have this
                         time (30s)
)";

Error Usage(std::string message) {
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = std::move(message),
               .hint = "berth serve --help says what there is."};
}

// "500MB", "20GiB", "65536"; nullopt: not a size, or too large.
std::optional<std::int64_t> ParseBytes(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::int64_t>, 8> kUnits{{{"", 1},
                                                                                    {"B", 1},
                                                                                    {"KB", 1'000},
                                                                                    {"MB", 1'000'000},
                                                                                    {"GB", 1'000'000'000},
                                                                                    {"KiB", 1LL << 10},
                                                                                    {"MiB", 1LL << 20},
                                                                                    {"GiB", 1LL << 30}}};
  std::int64_t number = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (bad != std::errc() || number < 0) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const auto& [name, factor] : kUnits) {
    if (base::EqualsIgnoreCase(name, unit) && number <= std::numeric_limits<std::int64_t>::max() / factor) {
      return number * factor;
    }
  }
  return std::nullopt;
}

Status ReadBytes(const char* option, const std::string& text, std::int64_t& out) {
  if (text.empty()) return {};
  const auto bytes = ParseBytes(text);
  if (!bytes) return Usage(fmt::format("{} takes a size such as 65536, 500MB or 20GiB, not \"{}\"", option, text));
  out = *bytes;
  return {};
}

Status ReadCount(const char* option, const std::string& text, std::size_t max, std::size_t& out) {
  if (text.empty()) return {};
  std::size_t number = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (bad != std::errc() || end != text.data() + text.size() || number < 1 || number > max) {
    return Usage(fmt::format("{} takes a number from 1 to {}, not \"{}\"", option, max, text));
  }
  out = number;
  return {};
}

Status ReadTime(const char* option, const std::string& text, std::chrono::milliseconds max,
                std::chrono::milliseconds& out) {
  if (text.empty()) return {};
  const auto ms = base::ParseDurationMs(text);
  if (!ms || *ms < 0 || *ms > max.count()) {
    return Usage(fmt::format("{} takes a time such as 500ms, 30s or 10m, at most {} s, not \"{}\"", option,
                             max.count() / 1000, text));
  }
  out = std::chrono::milliseconds(*ms);
  return {};
}

struct Raw {
  std::string auth, audit_log, retention, hold, drain, result, results, row, active, per_user, workers, jobs;
};

Status Interpret(const Raw& raw, ServeArguments& out) {
  constexpr std::size_t kCountMax = 100'000;
  constexpr std::size_t kWorkersMax = 2'000;
  if (!raw.auth.empty() && raw.auth != "sigv4" && raw.auth != "none") {
    return Usage(fmt::format("--auth takes sigv4 or none, not \"{}\"", raw.auth));
  }
  if (!out.dev.empty() && raw.auth == "sigv4") return Usage("--dev has no keys: --auth sigv4 does not go with it");
  out.signed_requests = out.dev.empty() && raw.auth != "none";
  if (!raw.audit_log.empty()) out.audit_log = raw.audit_log;
  std::chrono::milliseconds retention = out.retention;
  BERTH_TRY(ReadTime("--retention", raw.retention, std::chrono::hours(24 * 31), retention));
  if (retention < std::chrono::seconds(1)) return Usage("--retention takes a time of at least 1s");
  out.retention = std::chrono::duration_cast<std::chrono::seconds>(retention);
  BERTH_TRY(ReadTime("--hold-describe", raw.hold, std::chrono::seconds(30), out.hold_describe));
  BERTH_TRY(ReadTime("--drain", raw.drain, std::chrono::hours(24), out.drain));
  BERTH_TRY(ReadBytes("--result-max-bytes", raw.result, out.result_bytes_max));
  BERTH_TRY(ReadBytes("--results-max-bytes", raw.results, out.results_bytes_max));
  BERTH_TRY(ReadBytes("--max-row-bytes", raw.row, out.row_bytes_max));
  BERTH_TRY(ReadCount("--active-max", raw.active, kCountMax, out.active_max));
  BERTH_TRY(ReadCount("--active-per-user-max", raw.per_user, kCountMax, out.active_per_user_max));
  BERTH_TRY(ReadCount("--workers", raw.workers, kWorkersMax, out.workers));
  if (raw.jobs == "0") {
    out.job_runs = 0;
  } else {
    BERTH_TRY(ReadCount("--jobs", raw.jobs, jobs::kRunsMax, out.job_runs));
  }
  if (out.tls_certificate.empty() != out.tls_key.empty()) return Usage("--tls-cert and --tls-key go together");
  if (!out.dev.empty() && !out.catalog.empty())
    return Usage("--dev has a catalog of its own: --catalog does not go with it");
  return {};
}

}  // namespace

Result<ServeArguments> ParseServeArguments(int argc, const char* const* argv) {
  ServeArguments out;
  Raw raw;
  CLI::App app;
  app.set_help_flag();
  app.add_flag("-h,--help", out.help);
  app.add_flag("--durable", out.durable);
  app.add_flag("--insecure-http", out.insecure_http);
  app.add_flag("--audit-sql", out.audit_sql);
  const std::pair<const char*, std::string*> texts[] = {{"--listen", &out.listen},
                                                        {"--metrics", &out.metrics},
                                                        {"--dev", &out.dev},
                                                        {"--catalog", &out.catalog},
                                                        {"--data", &out.folder},
                                                        {"--tls-cert", &out.tls_certificate},
                                                        {"--tls-key", &out.tls_key},
                                                        {"--event-url", &out.event_url},
                                                        {"--auth", &raw.auth},
                                                        {"--audit-log", &raw.audit_log},
                                                        {"--retention", &raw.retention},
                                                        {"--hold-describe", &raw.hold},
                                                        {"--drain", &raw.drain},
                                                        {"--result-max-bytes", &raw.result},
                                                        {"--results-max-bytes", &raw.results},
                                                        {"--max-row-bytes", &raw.row},
                                                        {"--active-max", &raw.active},
                                                        {"--active-per-user-max", &raw.per_user},
                                                        {"--workers", &raw.workers},
                                                        {"--jobs", &raw.jobs}};
  for (const auto& [name, target] : texts) {
    app.add_option(name, *target)->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  }
  try {
    app.parse(argc - 1, argv + 1);  // "serve" stands for the program's name
  } catch (const CLI::Error& error) {
    return Usage(parser::Redact(error.what()).text);
  }
  if (out.help) return out;
  BERTH_TRY(Interpret(raw, out));
  return out;
}

const char* ServeHelpText() {
  return kHelp;
}

}  // namespace berth::serve
