#include "app/places.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

namespace berth::app {
namespace {

std::string Home() {
  if (auto home = Environment("HOME"); !home.empty()) return home;
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return entry.pw_dir;
  return ".";
}

// What cannot be made shows when the file in it is opened, with its name.
void MakeFolders(const std::string& path) {
  for (auto slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    ::mkdir(path.substr(0, slash).c_str(), S_IRWXU);
  }
}

// XDG wants absolute paths; a relative one is to be ignored.
std::string Below(const char* variable, const char* otherwise, const char* rest) {
  auto folder = Environment(variable);
  if (!folder.starts_with('/')) folder = Home() + "/" + otherwise;
  const auto path = folder + "/berth/" + rest;
  MakeFolders(path);
  return path;
}

}  // namespace

std::string Environment(const char* name) {
  const char* value = ::secure_getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string SystemFolder() {
  auto folder = Environment("BERTH_SYSTEM_FOLDER");
  return folder.starts_with('/') ? folder : "/var/lib/berth";
}

std::string DefaultCatalog() {
  const auto shared = SystemFolder() + "/catalog.db";
  if (::faccessat(AT_FDCWD, shared.c_str(), R_OK | W_OK, AT_EACCESS) == 0) return "sqlite:" + shared;
  return "sqlite:" + Below("XDG_DATA_HOME", ".local/share", "catalog.db");
}

std::string StartFile() {
  if (auto file = Environment("BERTHRC"); !file.empty()) return file;
  return Home() + "/.berthrc";
}

std::string HistoryFile() {
  return Below("XDG_STATE_HOME", ".local/state", "history");
}

EngineOptions EngineOptionsOf(const std::string& catalog) {
  EngineOptions options;
  options.catalog_uri = !catalog.empty() ? catalog : Environment("BERTH_CATALOG");
  if (options.catalog_uri.empty()) options.catalog_uri = DefaultCatalog();
  options.key_file = Environment("BERTH_KEY_FILE");
  return options;
}

}  // namespace berth::app
