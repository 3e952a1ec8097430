#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "berth/secret.h"

// What other programs' files tell of connections, before it is Berth's.
namespace berth::imports {

struct FoundPassword {
  enum class Kind : std::uint8_t {
    kNone,
    kLiteral,  // `secret`
    kEnv,      // `reference` is the variable
    kCommand,  // `reference` is the command line
  };
  Kind kind = Kind::kNone;
  Secret secret;
  std::string reference;
};

struct FoundConnection {
  std::string name;
  std::string origin;  // "Airflow connection my_redshift"
  std::string host, database, user;
  std::uint16_t port = 5439;
  std::map<std::string, std::string> properties;  // of the connection string
  FoundPassword password;
  std::string cluster_identifier, workgroup;
  std::string comment;
};

// A job that lives elsewhere.
struct FoundJob {
  std::string name;  // "dbt:shop.orders"
};

struct Import {
  std::vector<FoundConnection> connections;
  std::vector<FoundJob> jobs;
  std::vector<std::string> lost;  // what could not be carried, and why; one line each
};

// The value of a variable of the environment; nullopt: it is not set.
using Variables = std::function<std::optional<std::string>(const std::string& name)>;

inline constexpr std::size_t kFileBytesMax = 256u << 20;  // a large dbt manifest has some tens of MiB
inline constexpr std::uint16_t kRedshiftPort = 5439;
inline constexpr std::uint16_t kPostgresPort = 5432;

}  // namespace berth::imports
