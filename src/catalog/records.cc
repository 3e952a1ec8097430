#include "catalog/records.h"

namespace berth::catalog {

std::string_view RoleName(Role role) {
  switch (role) {
    case Role::kTarget:
      return "target";
    case Role::kSource:
      return "source";
    case Role::kStaging:
      return "staging";
    case Role::kConnection:
      return "connection";
  }
  return "";
}

std::string_view FoundName(Found found) {
  switch (found) {
    case Found::kDeclared:
      return "declared";
    case Found::kParsed:
      return "parsed";
    case Found::kScanned:
      return "scanned";
  }
  return "";
}

}  // namespace berth::catalog
