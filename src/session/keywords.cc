#include "session/keywords.h"

#include "berth/secret.h"
#include "session/tls_files.h"

namespace berth::session {
namespace {

// A path below a file: it cannot exist, so libpq finds no client certificate, revocation list or password file there.
// (An empty value would make it look in the home folder.)
#define BERTH_NOWHERE "'/dev/null/none'"

// Every keyword of libpq 15 but `service`. Given as a connection string, because only there an empty value counts as
// given; as a plain pair it would be read as absent and taken from the environment.
constexpr char kEverything[] =
    "user='' password='' passfile=" BERTH_NOWHERE
    " channel_binding='prefer' connect_timeout='0' dbname='' host='' hostaddr='' port='' client_encoding='UTF8'"
    " options='' application_name='' fallback_application_name='' keepalives='1' keepalives_idle='60'"
    " keepalives_interval='10' keepalives_count='6' tcp_user_timeout='60000' sslmode='verify-full' sslcompression='0'"
    " sslcert=" BERTH_NOWHERE " sslkey=" BERTH_NOWHERE " sslpassword='' sslrootcert=" BERTH_NOWHERE
    " sslcrl=" BERTH_NOWHERE " sslcrldir=" BERTH_NOWHERE
    " sslsni='1' requirepeer='' ssl_min_protocol_version='TLSv1.2' ssl_max_protocol_version='' gssencmode='disable'"
    " krbsrvname='postgres' gsslib='' replication='' target_session_attrs='any'";
#undef BERTH_NOWHERE

}  // namespace

Keywords::Keywords(const ConnectParams& params, const std::string& address) {
  pairs_.emplace_back("dbname", kEverything);
  pairs_.emplace_back("host", params.host);
  pairs_.emplace_back("hostaddr", address);
  pairs_.emplace_back("port", std::to_string(params.port));
  pairs_.emplace_back("dbname", params.database);
  pairs_.emplace_back("user", params.user);
  pairs_.emplace_back("password", std::string(params.password.Reveal()));
  pairs_.emplace_back("sslmode", params.sslmode);
  pairs_.emplace_back("sslrootcert", RootFile(params));
  pairs_.emplace_back("sslcert", params.sslcert);
  pairs_.emplace_back("sslkey", params.sslkey);
  pairs_.emplace_back("sslpassword", std::string(params.sslpassword.Reveal()));
  pairs_.emplace_back("application_name", params.application_name);
  pairs_.emplace_back("keepalives", params.tcp_keepalive ? "1" : "0");
}

Keywords::~Keywords() {
  for (auto& [name, value] : pairs_) Wipe(value);
}

std::vector<const char*> Keywords::names() const {
  std::vector<const char*> names;
  for (const auto& [name, value] : pairs_) names.push_back(name);
  names.push_back(nullptr);
  return names;
}

std::vector<const char*> Keywords::values() const {
  std::vector<const char*> values;
  for (const auto& [name, value] : pairs_) values.push_back(value.c_str());
  values.push_back(nullptr);
  return values;
}

}  // namespace berth::session
