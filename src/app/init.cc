#include "app/init.h"

#include <errno.h>
#include <fmt/core.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "app/places.h"
#include "base/try.h"
#include "berth/engine.h"
#include "shell/error_text.h"
#include "shell/output.h"

namespace berth::app {
namespace {

constexpr int kUsage = 2;
constexpr int kNoCatalog = 3;
constexpr mode_t kFolderMode = 02770;  // what is made in it belongs to the group
constexpr mode_t kCatalogMode = 0660;
constexpr mode_t kKeyMode = 0640;  // made once, here

constexpr const char* kHelp =
    R"(berth init [--system [--group GROUP]] [--catalog URL]
Makes the catalog, if there is none yet, and says where it is.

      --system         one catalog for the users of a unix group on this
                       machine, in /var/lib/berth; it is preferred wherever a
                       user may write it (as root)
      --group GROUP    that group (default: berth)
      --catalog URL    without --system: as for berth

Whoever is in the group can read every password of the system catalog.
)";

struct InitArguments {
  bool help = false, system = false;
  std::string group, catalog;
};

Error Usage(std::string message) {
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = std::move(message),
               .hint = "berth init --help says what there is."};
}

Result<InitArguments> Parse(int argc, const char* const* argv) {
  InitArguments out;
  CLI::App app;
  app.set_help_flag();
  app.add_flag("-h,--help", out.help);
  app.add_flag("--system", out.system);
  app.add_option("--group", out.group)->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  app.add_option("--catalog", out.catalog)->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  try {
    app.parse(argc - 1, argv + 1);  // "init" stands for the program's name
  } catch (const CLI::Error& error) {
    return Usage(error.what());
  }
  if (!out.system && !out.group.empty()) return Usage("--group goes with --system");
  if (out.system && !out.catalog.empty())
    return Usage("--system has a place of its own: --catalog does not go with it");
  if (out.group.empty()) out.group = "berth";
  return out;
}

Error Cannot(const std::string& what, const std::string& path) {
  const int number = errno;
  return Error{.code = ErrorCode::kCatalogUnavailable,
               .message = fmt::format("{} cannot be {}: {}", path, what, std::generic_category().message(number)),
               .hint = number == EACCES || number == EPERM ? "Run berth init --system as root." : ""};
}

Result<gid_t> GroupNamed(const std::string& name) {
  std::vector<char> buffer(1U << 16U);
  group entry{};
  group* found = nullptr;
  ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found != nullptr) return found->gr_gid;
  return Error{.code = ErrorCode::kNotFound,
               .message = fmt::format("there is no unix group {}", name),
               .hint = fmt::format("Make it first: groupadd --system {}", name)};
}

// Nothing to do where the file is not there.
Status Share(const std::string& path, gid_t gid, mode_t mode) {
  struct stat facts{};
  if (::lstat(path.c_str(), &facts) != 0) return {};
  if (S_ISLNK(facts.st_mode)) {
    return Error{.code = ErrorCode::kCatalogUnavailable, .message = fmt::format("{} is a symbolic link", path)};
  }
  if (::chown(path.c_str(), static_cast<uid_t>(-1), gid) != 0) return Cannot("given to the group", path);
  if (::chmod(path.c_str(), mode) != 0) return Cannot("made writable for the group", path);
  return {};
}

Result<std::string> MakeCatalog(const std::string& uri, const std::string& key_file) {
  BERTH_ASSIGN(const auto engine, Engine::Open({.catalog_uri = uri, .key_file = key_file}));
  BERTH_ASSIGN(const auto key, engine->SealingKeys());  // so that no user makes it, with a mode of his own
  return engine->CatalogName();
}

Result<std::string> MakeSystemCatalog(const std::string& group) {
  BERTH_ASSIGN(const auto gid, GroupNamed(group));
  const auto folder = SystemFolder();
  if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) return Cannot("made", folder);
  BERTH_TRY(Share(folder, gid, kFolderMode));
  const auto path = folder + "/catalog.db";
  BERTH_ASSIGN(const auto name, MakeCatalog("sqlite:" + path, ""));
  for (const char* const suffix : {"", "-wal", "-shm"}) BERTH_TRY(Share(path + suffix, gid, kCatalogMode));
  BERTH_TRY(Share(path + ".key", gid, kKeyMode));
  return fmt::format(
      "catalog {}\nfor the members of the group {} (usermod --append --groups {} USER; it counts from the next "
      "log-in)\n"
      "Whoever is in it can read every password of this catalog.\n",
      name, group, group);
}

}  // namespace

int Init(int argc, char** argv) {
  shell::Output out(STDOUT_FILENO);
  shell::Output err(STDERR_FILENO);
  const auto arguments = Parse(argc, argv);
  if (!arguments.ok()) {
    err.Append(shell::ErrorText(arguments.error()));
    return kUsage;
  }
  if (arguments.value().help) {
    out.Append(kHelp);
    return 0;
  }
  const auto made = [&]() -> Result<std::string> {
    if (arguments.value().system) return MakeSystemCatalog(arguments.value().group);
    const auto options = EngineOptionsOf(arguments.value().catalog);
    BERTH_ASSIGN(const auto name, MakeCatalog(options.catalog_uri, options.key_file));
    return fmt::format("catalog {}\n", name);
  }();
  if (!made.ok()) {
    err.Append(shell::ErrorText(made.error()));
    return kNoCatalog;
  }
  out.Append(made.value());
  return 0;
}

}  // namespace berth::app
