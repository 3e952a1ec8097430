#pragma once

#include <string>
#include <string_view>

#include "imports/found.h"

namespace berth::imports {

// A login with temporary credentials of IAM, as the password command that AWS's own client answers.
struct IamLogin {
  std::string cluster, workgroup;  // one of them
  std::string database, user, region, profile;
};
// False: neither a cluster nor a workgroup is named and `host` tells none; nothing is changed then.
bool SetIamPassword(IamLogin login, FoundConnection& connection);

// The port as a number; false: it is none. An empty text leaves it as it is.
bool SetPort(std::string_view text, FoundConnection& connection);

// libpq's and the driver's settings that are properties of a connection string. False: it is none of them.
bool SetProperty(const std::string& name, const std::string& value, FoundConnection& connection);

bool IsTrue(std::string_view text);

}  // namespace berth::imports
