#include "sqlite/filesystem.h"

#include <doctest/doctest.h>

#include "support/temp_dir.h"

namespace berth::sqlite {
namespace {

TEST_CASE("network file systems are known by their numbers") {
  const std::pair<long, const char*> network[] = {{0x6969, "nfs"},      {0x517B, "smb"},      {0xFF534D42, "cifs"},
                                                  {0xFE534D42, "smb2"}, {0x00C36400, "ceph"}, {0x01021997, "9p"}};
  for (const auto& [magic, name] : network) {
    CHECK(FilesystemOfMagic(magic).network);
    CHECK(FilesystemOfMagic(magic).name == name);
  }
  // Where the field is 32 bits wide and signed.
  CHECK(FilesystemOfMagic(static_cast<std::int32_t>(0xFF534D42)).name == "cifs");
  for (const long local : {0xEF53L /* ext4 */, 0x58465342L /* xfs */, 0x9123683EL /* btrfs */, 0x01021994L /* tmpfs */,
                           0x794C7630L /* overlayfs */, 0x2FC12FC1L /* zfs */, 0x65735546L /* fuse: by its type */}) {
    CHECK_FALSE(FilesystemOfMagic(local).network);
  }
}

TEST_CASE("FUSE is judged by the type that the mount names") {
  CHECK(IsNetworkFuse("fuse.sshfs"));
  CHECK(IsNetworkFuse("fuse.s3fs"));
  CHECK(IsNetworkFuse("fuse.glusterfs"));
  CHECK_FALSE(IsNetworkFuse("fuse.gocryptfs"));
  CHECK_FALSE(IsNetworkFuse("fuseblk"));
  CHECK_FALSE(IsNetworkFuse("sshfs"));
  constexpr std::string_view kMounts =
      "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
      "40 22 0:45 / /mnt/far rw,nosuid - fuse.sshfs user@host:/dir rw,user_id=0\n"
      "41 22 0:46 / /mnt/no\\040tags rw shared:7 master:3 - fuse.gocryptfs /x rw\n";
  CHECK(MountType(kMounts, "0:45") == "fuse.sshfs");
  CHECK(MountType(kMounts, "0:46") == "fuse.gocryptfs");
  CHECK(MountType(kMounts, "8:1") == "ext4");
  CHECK(MountType(kMounts, "9:9").empty());
  CHECK(MountType("", "8:1").empty());
}

TEST_CASE("a real folder is probed, and one that is not there is an error") {
  const test::TempDir folder;
  const auto found = ProbeFilesystem(folder.path().string());
  REQUIRE(found.ok());
  CHECK_FALSE(found.value().name.empty());
  const auto missing = ProbeFilesystem(folder / "none");
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code == ErrorCode::kCatalogUnavailable);
  CHECK(missing.error().message.find(folder / "none") != std::string::npos);
}

}  // namespace
}  // namespace berth::sqlite
