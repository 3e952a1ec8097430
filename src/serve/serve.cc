#include "serve/serve.h"

#include <errno.h>
#include <fmt/core.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/hide_secrets.h"
#include "app/places.h"
#include "app/signals.h"
#include "base/strings.h"
#include "base/try.h"
#include "base/unique_fd.h"
#include "berth/engine.h"
#include "berth/secret.h"
#include "dataapi/listen.h"
#include "dataapi/service.h"
#include "engine/job_work.h"
#include "jobs/scheduler.h"
#include "serve/dev_url.h"
#include "serve/serve_arguments.h"
#include "shell/error_text.h"
#include "shell/output.h"

namespace berth::serve {
namespace {

constexpr int kUsage = 2;
constexpr int kCannotServe = 3;
constexpr const char* kDevConnection = "dev";

void Print(int fd, std::string_view text) {
  shell::Output out(fd);
  out.Append(text);
}

int Refuse(const Error& error, int status) {
  Print(STDERR_FILENO, shell::ErrorText(error));
  return status;
}

// The folder of a --dev service, with catalog and results; gone with it.
class DevFolder {
 public:
  DevFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "berth-dev-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  DevFolder(const DevFolder&) = delete;
  DevFolder& operator=(const DevFolder&) = delete;
  ~DevFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The password goes by the process's own environment, which nobody else can read once the program runs.
Status MakeDevConnection(Engine& engine, DevServer server) {
  constexpr const char* kVariable = "BERTH_DEV_PASSWORD";
  ::setenv(kVariable, server.password.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): nothing else runs yet
  Wipe(server.password);
  const auto text = fmt::format(
      "CREATE REDSHIFT CONNECTION {} CONNECTION_STRING = {} USER_NAME = {} PASSWORD = ENV '{}' "
      "MAX_CONCURRENT_CONNECTIONS = 20",
      kDevConnection, base::QuoteLiteral(server.connection_string), base::QuoteLiteral(server.user), kVariable);
  BERTH_ASSIGN(const auto made, engine.Execute(text, "", {}, Deadline::Never()));
  return {};
}

std::string DevText(const std::string& url) {
  return fmt::format(
      "# Any cluster, database, user and secret is taken; all of it runs on the server that --dev names.\n"
      "export AWS_ACCESS_KEY_ID=berth AWS_SECRET_ACCESS_KEY=berth AWS_DEFAULT_REGION=us-east-1 AWS_REGION=us-east-1\n"
      "export AWS_ENDPOINT_URL_REDSHIFT_DATA={0}   # newer AWS CLI, boto3 and SDKs need no more\n"
      "aws --endpoint-url {0} redshift-data list-databases --cluster-identifier c --database dev\n"
      "boto3.client(\"redshift-data\", endpoint_url=\"{0}\")\n"
      "new RedshiftDataClient({{ endpoint: \"{0}\", region: \"us-east-1\" }})\n",
      url);
}

// A service that lets nobody in says what is missing.
void TellWhereNobodyMay(Engine& engine) {
  const auto grants = engine.Grants();
  if (!grants.ok() || !grants.value().empty()) return;
  Print(STDERR_FILENO,
        "NOTICE:  no service user may use a connection yet\n"
        "HINT:  CREATE SERVICE USER u; GRANT USAGE ON CONNECTION c TO SERVICE USER u; CREATE ACCESS KEY FOR u\n");
}

// What systemd wants to know of a service of Type=notify; nothing where nobody asks.
void Notify(std::string_view state) {
  const auto path = app::Environment("NOTIFY_SOCKET");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, path.data(), path.size());
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const base::UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  if (fd) ::sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<sockaddr*>(&address), size);
}

// The sockets to serve on; `inherited`: somebody else holds them as well.
struct Sockets {
  std::vector<dataapi::Listener> listeners, watch;
  bool inherited = false;
};

Result<Sockets> OpenSockets(const ServeArguments& arguments) {
  Sockets sockets;
  BERTH_ASSIGN(sockets.listeners, dataapi::InheritedListeners(&app::Environment));
  sockets.inherited = !sockets.listeners.empty();
  if (!sockets.inherited) {
    BERTH_ASSIGN(auto listener, dataapi::Listen(arguments.listen));
    sockets.listeners.push_back(std::move(listener));
  }
  if (!arguments.metrics.empty()) {
    BERTH_ASSIGN(auto listener, dataapi::Listen(arguments.metrics));
    sockets.watch.push_back(std::move(listener));
  }
  const bool tls = !arguments.tls_certificate.empty();
  for (const auto& listener : sockets.listeners) {
    if (listener.loopback) continue;
    if (!arguments.signed_requests) {
      return Error{.code = ErrorCode::kInvalidArgument,
                   .message = fmt::format("{} is beyond the loopback, and requests are not signed", listener.address),
                   .hint = "--auth none and --dev serve 127.0.0.1 or [::1] only; others need --auth sigv4."};
    }
    if (!tls && !arguments.insecure_http) {
      return Error{.code = ErrorCode::kInvalidArgument,
                   .message = fmt::format("{} is beyond the loopback, and there is no TLS", listener.address),
                   .hint = "Give --tls-cert and --tls-key or, where something before it does TLS, --insecure-http."};
    }
  }
  return sockets;
}

dataapi::ServiceOptions OptionsOf(const ServeArguments& arguments, const std::string& folder, Sockets sockets) {
  dataapi::ServiceOptions options;
  options.statements.folder = folder;
  options.statements.durable = arguments.durable;
  auto& limits = options.statements.limits;
  limits.active_max = arguments.active_max;
  limits.active_per_caller_max = arguments.active_per_user_max;
  limits.workers_max = arguments.workers;
  limits.result_bytes_max = arguments.result_bytes_max;
  limits.results_bytes_max = arguments.results_bytes_max;
  limits.row_bytes_max = arguments.row_bytes_max;
  limits.retention = arguments.retention;
  options.api.hold_describe = arguments.hold_describe;
  if (!arguments.dev.empty()) {
    options.api.only_connection = kDevConnection;
    limits.active_per_caller_max = limits.active_max;  // all are one user
  }
  options.http.tls_certificate = arguments.tls_certificate;
  options.http.tls_key = arguments.tls_key;
  options.keeps_port = sockets.inherited;
  options.listeners = std::move(sockets.listeners);
  options.watch_listeners = std::move(sockets.watch);
  options.signed_requests = arguments.signed_requests;
  const auto audit = arguments.audit_log.value_or(folder + "/audit.log");
  if (audit != "none") options.audit = dataapi::AuditLog::Options{.path = audit, .with_text = arguments.audit_sql};
  options.event_url = arguments.event_url;
  return options;
}

// "sqlite:/path/catalog.db" -> "/path/catalog.db.data"
std::string FolderBeside(const std::string& catalog_name) {
  const auto colon = catalog_name.find(':');
  return catalog_name.substr(colon == std::string::npos ? 0 : colon + 1) + ".data";
}

// Each client, each session of the pool and each page under way holds a descriptor; the usual limit of 1024 is there
// for programs that call select().
void TakeAllDescriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int Run(const ServeArguments& arguments, const app::Signals& signals) {
  std::optional<DevFolder> dev;
  EngineOptions engine_options;
  engine_options.program = "berth serve";
  std::optional<DevServer> server;
  if (!arguments.dev.empty()) {
    auto read = ReadDevUrl(arguments.dev);
    if (!read.ok()) return Refuse(read.error(), kUsage);
    server = std::move(read).value();
    dev.emplace();
    engine_options.catalog_uri = "sqlite:" + dev->path() + "/catalog.db";
  } else {
    engine_options.catalog_uri = !arguments.catalog.empty() ? arguments.catalog : app::Environment("BERTH_CATALOG");
    if (engine_options.catalog_uri.empty()) engine_options.catalog_uri = app::DefaultCatalog();
    engine_options.key_file = app::Environment("BERTH_KEY_FILE");
  }
  auto sockets = OpenSockets(arguments);
  if (!sockets.ok()) return Refuse(sockets.error(), kUsage);
  const auto engine = Engine::Open(std::move(engine_options));
  if (!engine.ok()) return Refuse(engine.error(), kCannotServe);
  if (dev) {
    if (auto made = MakeDevConnection(*engine.value(), *std::move(server)); !made.ok())
      return Refuse(made.error(), kUsage);
  }
  const auto& first = sockets.value().listeners.front();
  const bool v6 = first.address.find(':') != std::string::npos;
  const auto url = fmt::format("{}://{}:{}", arguments.tls_certificate.empty() ? "http" : "https",
                               v6 ? "[" + first.address + "]" : first.address, first.port);
  const auto folder = arguments.folder.empty() ? FolderBeside(engine.value()->CatalogName()) : arguments.folder;
  auto service = dataapi::Service::Start(*engine.value(), OptionsOf(arguments, folder, std::move(sockets).value()),
                                         Clock::System());
  if (!service.ok()) return Refuse(service.error(), kCannotServe);
  std::unique_ptr<jobs::Scheduler> scheduler;
  if (!dev && arguments.job_runs > 0) {
    scheduler =
        jobs::Scheduler::Start(engine::JobWorkOf(*engine.value()), {.runs_max = arguments.job_runs}, Clock::System());
  }
  if (dev) Print(STDOUT_FILENO, DevText(url));
  Print(STDERR_FILENO, fmt::format("berth serves the Redshift Data API on {}\n", url));
  if (arguments.signed_requests) TellWhereNobodyMay(*engine.value());
  Notify("READY=1");
  while (signals.Next() == SIGHUP) {
    for (const auto& error : service.value()->Reload()) Print(STDERR_FILENO, shell::ErrorText(error));
  }
  Notify("STOPPING=1");
  Print(STDERR_FILENO, fmt::format("berth stops: running statements have {} s\n", arguments.drain.count() / 1000));
  const auto drain = Deadline::After(Clock::System(), arguments.drain);
  if (scheduler) scheduler->Stop(drain);
  service.value()->Stop(drain);
  return 0;
}

}  // namespace

int Serve(int argc, char** argv) {
  const app::Signals signals;
  const auto arguments = ParseServeArguments(argc, argv);
  app::HideSecrets(argc, argv);
  if (!arguments.ok()) return Refuse(arguments.error(), kUsage);
  if (arguments.value().help) {
    Print(STDOUT_FILENO, ServeHelpText());
    return 0;
  }
  TakeAllDescriptors();
  return Run(arguments.value(), signals);
}

}  // namespace berth::serve
