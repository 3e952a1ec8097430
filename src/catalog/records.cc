#include "catalog/records.h"

namespace berth::catalog {

std::string_view RoleName(Role role) {
  switch (role) {
    case Role::kTarget:
      return "target";
    case Role::kSource:
      return "source";
    case Role::kConnection:
      return "connection";
  }
  return "";
}

}  // namespace berth::catalog
