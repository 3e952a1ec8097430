#pragma once

#include <string>

#include "berth/error.h"

namespace berth::sqlite {

struct Filesystem {
  std::string name;      // "nfs", "fuse.sshfs"
  bool network = false;  // its files may be written from another machine
};

// What the folder or file `path` lies on. WAL keeps its index in shared memory, which machines do not share, so a
// database on a network file system is damaged sooner or later; it is refused by this. FUSE is judged by the type that
// the mount names: a local one (ntfs-3g, gocryptfs) is fine, one that reaches over a network (sshfs, s3fs) is not.
// Errors: kCatalogUnavailable (the path cannot be looked at).
Result<Filesystem> ProbeFilesystem(const std::string& path);

// The parts of ProbeFilesystem that need no system call.
Filesystem FilesystemOfMagic(long magic);
bool IsNetworkFuse(std::string_view type);  // "fuse.sshfs"
// The type of the mount of device `major:minor` in the text of /proc/self/mountinfo; empty: it is not there.
std::string MountType(std::string_view mountinfo, std::string_view device);

}  // namespace berth::sqlite
