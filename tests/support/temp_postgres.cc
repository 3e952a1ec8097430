#include "support/temp_postgres.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "support/redshift_proxy.h"

namespace berth::test {
namespace {

constexpr int kPortTries = 5;       // another program may take the port between our look and the server's start
constexpr int kReadyTries = 1'200;  // times kReadyWaitMs: a minute, for a machine that is busy
constexpr int kReadyWaitMs = 50;
constexpr int kStopTries = 200;  // times kReadyWaitMs

void Pause() {
  ::poll(nullptr, 0, kReadyWaitMs);
}

[[noreturn]] void Fail(const std::string& what) {
  throw std::runtime_error("TempPostgres: " + what);
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string BinFolder() {
  const char* folder = ::getenv("BERTH_PG_BIN");  // NOLINT(concurrency-mt-unsafe): nothing here sets variables
  return folder != nullptr ? folder : "/usr/lib/postgresql/15/bin";
}

std::uint16_t FreePort() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  const bool ok = ::bind(fd, plain, size) == 0 && ::getsockname(fd, plain, &size) == 0;
  ::close(fd);
  if (!ok) Fail(std::string("no free port: ") + ::strerror(errno));
  return ntohs(address.sin_port);
}

struct Command {
  std::vector<std::string> arguments;
  std::vector<std::string> variables;  // "NAME=value", the child's whole environment
  int output = -1;                     // becomes the child's standard output and error
  bool as_server = false;              // as the user that may run a server, and gone with its parent
};

struct Account {
  uid_t uid = 0;
  gid_t gid = 0;
};

// Whom the server runs as: ourselves, or `postgres` where we are root.
Account ServerAccount() {
  if (::geteuid() != 0) return {::geteuid(), ::getegid()};
  const passwd* entry = ::getpwnam("postgres");  // NOLINT(concurrency-mt-unsafe): before any thread of a test
  if (entry == nullptr) Fail("no user named postgres: install postgresql-15");
  return {entry->pw_uid, entry->pw_gid};
}

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const auto& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// Between fork and exec only calls that are safe there: all that needs memory is made before.
pid_t Launch(const Command& command) {
  const auto argv = Pointers(command.arguments);
  const auto envp = Pointers(command.variables);
  const Account account = ServerAccount();
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) Fail(std::string("fork: ") + ::strerror(errno));
  if (child > 0) return child;
  if (command.as_server && ::geteuid() == 0 &&
      (::setgroups(0, nullptr) != 0 || ::setgid(account.gid) != 0 || ::setuid(account.uid) != 0)) {
    ::_exit(126);
  }
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // after setuid, which clears it
  if (::getppid() != parent) ::_exit(126);
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (::dup2(null, 0) < 0 || ::dup2(command.output, 1) < 0 || ::dup2(command.output, 2) < 0) ::_exit(126);
  if (command.as_server && ::chdir("/") != 0) ::_exit(126);
  ::execve(argv[0], argv.data(), envp.data());
  ::_exit(127);
}

int Await(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

// Runs to the end; the output (both streams), and throws with it if the exit status is not 0.
std::string RunToEnd(Command command) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) Fail(std::string("pipe: ") + ::strerror(errno));
  command.output = ends[1];
  const pid_t child = Launch(command);
  ::close(ends[1]);
  std::string output;
  char buffer[4096];
  for (;;) {
    const ssize_t n = ::read(ends[0], buffer, sizeof buffer);
    if (n > 0) output.append(buffer, static_cast<std::size_t>(n));
    if (n == 0 || (n < 0 && errno != EINTR)) break;
  }
  ::close(ends[0]);
  if (Await(child) != 0) Fail(command.arguments.front() + " failed: " + output);
  return output;
}

}  // namespace

struct TempPostgres::Impl {
  TempDir folder;
  std::string bin = BinFolder();
  std::uint16_t port = 0;
  pid_t server = -1;
  std::unique_ptr<RedshiftProxy> proxy;  // from the first start on

  std::string data() const { return folder / "data"; }
  std::string log() const { return folder / "log"; }
  std::string LogTail() const {
    const std::string text = ReadFile(log());
    return text.substr(text.size() - std::min<std::size_t>(text.size(), 2'000));
  }
  void Initialise(const TempPostgres& owner);
  void Launch();
  bool AwaitReady();
  bool Gone();
};

void TempPostgres::Impl::Initialise(const TempPostgres& owner) {
  const Account account = ServerAccount();
  const std::string password_file = folder / "password";
  std::ofstream(password_file) << owner.password() << '\n';
  if (::chown(folder.path().c_str(), account.uid, account.gid) != 0 ||
      ::chown(password_file.c_str(), account.uid, account.gid) != 0) {
    Fail(std::string("chown: ") + ::strerror(errno));
  }
  RunToEnd({.arguments = {bin + "/initdb", "-D", data(), "-U", owner.user(), "--pwfile", password_file, "-A",
                          "scram-sha-256", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions"},
            .variables = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"},
            .as_server = true});
  // By this method the server takes a password by SCRAM or md5, as it is stored.
  std::ofstream(data() + "/pg_hba.conf") << "local all all md5\nhost all all 127.0.0.1/32 md5\n";
  std::ofstream(data() + "/postgresql.auto.conf", std::ios::app)
      << "listen_addresses = '127.0.0.1'\nunix_socket_directories = '" << folder.path().string()
      << "'\nmax_connections = 100\nshared_buffers = 16MB\nfsync = off\nfull_page_writes = off\n"
         "synchronous_commit = off\nautovacuum = off\njit = off\nlog_connections = on\nlog_disconnections = on\n"
         "log_line_prefix = '%m [%p] %a '\ntimezone = 'UTC'\nlog_timezone = 'UTC'\n";
}

void TempPostgres::Impl::Launch() {
  const int output = ::open(log().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  server = test::Launch({.arguments = {bin + "/postgres", "-D", data(), "-p", std::to_string(port)},
                         .variables = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"},
                         .output = output,
                         .as_server = true});
  ::close(output);
}

bool TempPostgres::Impl::Gone() {
  if (server < 0) return true;
  if (::waitpid(server, nullptr, WNOHANG) == 0) return false;
  server = -1;
  return true;
}

// The server's own word, as pg_ctl reads it: the eighth line of postmaster.pid.
bool TempPostgres::Impl::AwaitReady() {
  for (int i = 0; i < kReadyTries; ++i) {
    if (Gone()) return false;
    std::istringstream lines(ReadFile(data() + "/postmaster.pid"));
    std::string line;
    int count = 0;
    while (count < 8 && std::getline(lines, line)) ++count;
    if (count == 8 && line.starts_with("ready")) return true;
    Pause();
  }
  return false;
}

TempPostgres& TempPostgres::Shared() {
  static TempPostgres server;
  return server;
}

TempPostgres::TempPostgres() : impl_(std::make_unique<Impl>()) {
  impl_->Initialise(*this);
  Start();
  if (HasRedshiftManners()) impl_->proxy = std::make_unique<RedshiftProxy>(server_port(), RedshiftManners());
  Psql("create database " + database(), "postgres");
}

TempPostgres::~TempPostgres() {
  Stop();
}

bool TempPostgres::HasRedshiftManners() {
  const char* manners = ::getenv("BERTH_TEST_MANNERS");  // NOLINT(concurrency-mt-unsafe): nothing here sets variables
  if (manners == nullptr || *manners == '\0') return false;
  if (std::string_view(manners) != "redshift") Fail(std::string("BERTH_TEST_MANNERS knows no ") + manners);
  return true;
}

std::uint16_t TempPostgres::port() const {
  return impl_->proxy ? impl_->proxy->port() : impl_->port;
}

std::uint16_t TempPostgres::server_port() const {
  return impl_->port;
}

std::string TempPostgres::JdbcUrl(const std::string& database) const {
  return "jdbc:redshift://" + host() + ":" + std::to_string(port()) + "/" + database + "?ssl=false";
}

std::string TempPostgres::Psql(const std::string& sql, const std::string& database) const {
  return RunToEnd({.arguments = {impl_->bin + "/psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", host(),
                                 "-p", std::to_string(server_port()), "-U", user(), "-d", database, "-c", sql},
                   .variables = {"PATH=/usr/bin:/bin", "PGPASSWORD=" + password(), "PGCLIENTENCODING=UTF8"}});
}

void TempPostgres::Start() {
  if (!impl_->Gone()) return;
  const bool again = impl_->port != 0;
  for (int i = 0; i < kPortTries; ++i) {
    if (!again) impl_->port = FreePort();
    impl_->Launch();
    if (impl_->AwaitReady()) return;
    Stop();
  }
  Fail("the server does not start: " + impl_->LogTail());
}

void TempPostgres::Stop() {
  if (impl_->Gone()) return;
  ::kill(impl_->server, SIGQUIT);
  for (int i = 0; i < kStopTries; ++i) {
    if (impl_->Gone()) return;
    Pause();
  }
  ::kill(impl_->server, SIGKILL);
  Await(impl_->server);
  impl_->server = -1;
}

std::string TempPostgres::LogText() const {
  return ReadFile(impl_->log());
}

}  // namespace berth::test
