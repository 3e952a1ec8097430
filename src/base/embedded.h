#pragma once

#include <span>
#include <string_view>

namespace berth::base {

// A file of the source tree whose text was built in (cmake/EmbedSql.cmake).
struct EmbeddedFile {
  std::string_view name;
  std::string_view text;
};

}  // namespace berth::base

// Each is defined by the build: catalog/sqlite/*.sql by name, sql/redshift/*.sql, and sql/redshift/shell/*.sql.
namespace berth::catalog {
std::span<const base::EmbeddedFile> EmbeddedSql();
}
namespace berth::engine {
std::span<const base::EmbeddedFile> EmbeddedSql();
}
namespace berth::shell {
std::span<const base::EmbeddedFile> EmbeddedSql();
}
