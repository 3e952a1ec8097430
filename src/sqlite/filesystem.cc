#include "sqlite/filesystem.h"

#include <errno.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>

namespace berth::sqlite {
namespace {

struct Magic {
  unsigned long magic = 0;  // NOLINT(google-runtime-int): statfs's type
  std::string_view name;
};
// From linux/magic.h and the sources of file systems that are not in it.
constexpr Magic kNetwork[] = {
    {0x6969, "nfs"},       {0x517B, "smb"},        {0xFF534D42, "cifs"},   {0xFE534D42, "smb2"}, {0x564C, "ncp"},
    {0x5346414F, "afs"},   {0x6B414653, "kafs"},   {0x73757245, "coda"},   {0x00C36400, "ceph"}, {0x0BD00BD0, "lustre"},
    {0x47504653, "gpfs"},  {0x01161970, "gfs2"},   {0x7461636F, "ocfs2"},  {0x01021997, "9p"},   {0x19830326, "fhgfs"},
    {0xAAD7AAEA, "panfs"}, {0x786F4256, "vboxsf"}, {0xBACBACBC, "vmhgfs"},
};
constexpr unsigned long kFuse = 0x65735546;  // NOLINT(google-runtime-int)

constexpr std::array<std::string_view, 22> kNetworkFuse = {
    "sshfs",       "s3fs",    "glusterfs", "ceph",      "ceph-fuse", "rclone",     "davfs",     "davfs2",
    "goofys",      "gcsfuse", "juicefs",   "curlftpfs", "mount-s3",  "blobfuse",   "blobfuse2", "smbnetfs",
    "vmhgfs-fuse", "moosefs", "mfs",       "seaweedfs", "lizardfs",  "gvfsd-fuse",
};

Error CannotLook(const std::string& path, int number) {
  return {.code = ErrorCode::kCatalogUnavailable,
          .message = fmt::format("{} cannot be looked at: {}", path, std::generic_category().message(number))};
}

}  // namespace

Filesystem FilesystemOfMagic(long magic) {
  const auto bits =
      static_cast<unsigned long>(magic) & 0xFFFFFFFFUL;  // NOLINT(google-runtime-int): some are negative ints
  for (const auto& known : kNetwork) {
    if (known.magic == bits) return {.name = std::string(known.name), .network = true};
  }
  return {.name = bits == kFuse ? "fuse" : fmt::format("0x{:X}", bits), .network = false};
}

bool IsNetworkFuse(std::string_view type) {
  constexpr std::string_view kPrefix = "fuse.";
  if (!type.starts_with(kPrefix)) return false;
  return std::ranges::find(kNetworkFuse, type.substr(kPrefix.size())) != kNetworkFuse.end();
}

std::string MountType(std::string_view mountinfo, std::string_view device) {
  // 36 35 98:0 /root /mount options [tags..] - type source options
  std::istringstream lines{std::string(mountinfo)};
  std::string type;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string id, parent, numbers, word;
    words >> id >> parent >> numbers;
    if (numbers != device) continue;
    while (words >> word && word != "-") {
    }
    words >> type;
  }
  return type;
}

Result<Filesystem> ProbeFilesystem(const std::string& path) {
  struct statfs facts{};
  if (::statfs(path.c_str(), &facts) != 0) return CannotLook(path, errno);
  Filesystem found = FilesystemOfMagic(facts.f_type);
  if (found.name != "fuse") return found;
  struct stat file{};
  if (::stat(path.c_str(), &file) != 0) return CannotLook(path, errno);
  std::ifstream mounts("/proc/self/mountinfo");
  std::stringstream text;
  text << mounts.rdbuf();
  const auto type = MountType(text.str(), fmt::format("{}:{}", major(file.st_dev), minor(file.st_dev)));
  if (!type.empty()) found = {.name = type, .network = IsNetworkFuse(type)};
  return found;
}

}  // namespace berth::sqlite
