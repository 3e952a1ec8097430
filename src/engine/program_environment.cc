#include "engine/program_environment.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"
#include "session/tls_files.h"

namespace berth::engine {
namespace {

// libpq takes a service's word before a variable's, an address before a host, and reads PGREQUIRESSL where PGSSLMODE is
// not set.
constexpr std::array<std::string_view, 4> kLeadElsewhere{"PGSERVICE", "PGSERVICEFILE", "PGHOSTADDR", "PGREQUIRESSL"};

// RFC 3986: all but the unreserved characters.
std::string PercentEncoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kPlain = "-._~";
  std::string out;
  out.reserve(3 * text.size());  // so that no copy of a password is left behind
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (alphanumeric || kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    }
  }
  return out;
}

std::string AirflowUri(const session::ConnectParams& params) {
  return fmt::format("redshift://{}:{}@{}:{}/{}?sslmode={}", PercentEncoded(params.user),
                     PercentEncoded(params.password.Reveal()), PercentEncoded(params.host), params.port,
                     PercentEncoded(params.database), PercentEncoded(params.sslmode));
}

class Variables {
 public:
  explicit Variables(std::vector<std::string> all) : all_(std::move(all)) {}
  void Remove(std::string_view name) {
    std::erase_if(all_, [&](std::string_view entry) {
      return entry.starts_with(name) && entry.substr(name.size()).starts_with('=');
    });
  }
  void Set(std::string_view name, std::string_view value) {
    Remove(name);
    if (!value.empty()) all_.push_back(fmt::format("{}={}", name, value));
  }
  std::vector<std::string> Take() { return std::move(all_); }

 private:
  std::vector<std::string> all_;
};

}  // namespace

std::vector<std::string> ProgramEnvironment(std::vector<std::string> inherited, std::string_view connection,
                                            const session::ConnectParams& params) {
  Variables variables(std::move(inherited));
  for (const auto name : kLeadElsewhere) variables.Remove(name);
  variables.Set("PGHOST", params.host);
  variables.Set("PGPORT", std::to_string(params.port));
  variables.Set("PGDATABASE", params.database);
  variables.Set("PGUSER", params.user);
  variables.Set("PGPASSWORD", params.password.Reveal());
  variables.Set("PGSSLMODE", params.sslmode);
  variables.Set("PGSSLROOTCERT", session::RootFile(params));
  if (!params.sslcert.empty()) variables.Set("PGSSLCERT", params.sslcert);
  if (!params.sslkey.empty()) variables.Set("PGSSLKEY", params.sslkey);
  if (connection.find('=') == std::string_view::npos) {
    variables.Set("AIRFLOW_CONN_" + base::ToUpper(connection), AirflowUri(params));
  }
  return variables.Take();
}

}  // namespace berth::engine
