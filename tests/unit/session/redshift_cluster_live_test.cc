// On a real cluster, where BERTH_TEST_REDSHIFT_URL, _USER and _PASSWORD name one. It only reads, but for a temporary
// table.
#include <stdlib.h>

#include <charconv>

#include "live.h"

namespace berth::session::live {
namespace {

std::string Variable(const char* name) {
  const char* value = ::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing here sets variables
  return value != nullptr ? value : "";
}

// jdbc:redshift://host[:port]/database[?sslmode=..]
std::optional<ConnectParams> ClusterParams(std::string_view url) {
  constexpr std::string_view kScheme = "jdbc:redshift://";
  constexpr std::string_view kMode = "sslmode=";
  if (!url.starts_with(kScheme)) return std::nullopt;
  url.remove_prefix(kScheme.size());
  const auto slash = url.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto place = url.substr(0, slash);
  const auto query = std::min(url.find('?'), url.size());
  ConnectParams params;
  params.host = place.substr(0, place.find(':'));
  if (const auto colon = place.find(':'); colon != std::string_view::npos) {
    const auto end = place.data() + place.size();
    if (std::from_chars(place.data() + colon + 1, end, params.port).ptr != end) return std::nullopt;
  }
  params.database = url.substr(slash + 1, query - slash - 1);
  if (const auto mode = url.find(kMode, query); mode != std::string_view::npos) {
    params.sslmode = url.substr(mode + kMode.size(), url.find('&', mode) - mode - kMode.size());
  }
  params.user = Variable("BERTH_TEST_REDSHIFT_USER");
  params.password = Secret(Variable("BERTH_TEST_REDSHIFT_PASSWORD"));
  params.application_name = "berth-test";
  return params;
}

TEST_CASE("a real cluster") {
  const std::string url = Variable("BERTH_TEST_REDSHIFT_URL");
  if (url.empty()) {
    MESSAGE("BERTH_TEST_REDSHIFT_URL is not set: nothing was tried on a real cluster");
    return;
  }
  auto params = ClusterParams(url);
  REQUIRE_MESSAGE(params, "BERTH_TEST_REDSHIFT_URL is no jdbc:redshift://host:port/database");
  params->query_group = "berth-test";
  auto session = Open(*params);
  CHECK(session->server().redshift);
  CHECK(session->server().version == 80'002);
  CHECK(session->server().cancel_key != 0);
  CHECK(session->backslash_escapes());
  CHECK(Good(*session, "show query_group").starts_with("berth-test\n"));
  const std::vector<std::optional<std::string>> values = {"o'b\\n", std::nullopt, ""};
  CHECK(Good(*session, "select $1::varchar, $2::varchar, $3::varchar", values).starts_with("o'b\\n|~|\n"));
  for (const char* sql :
       {"discard all", "savepoint s", "deallocate all", "copy t from stdin", "select pg_advisory_lock(1)"}) {
    CAPTURE(sql);
    CHECK(Bad(*session, sql).code == ErrorCode::kServer);
    CHECK(session->state() == SessionState::kIdle);
  }
  Good(*session, "create temp table berth_t(a int); insert into berth_t values (1), (2)");
  CHECK(session->stain() == Stain::kObjects);
  Good(*session, "set query_group to other; prepare p as select 1");
  const Status reset = session->Reset(Soon());
  REQUIRE_MESSAGE(reset.ok(), reset.error().message);
  CHECK(Good(*session, "show query_group").starts_with("berth-test\n"));
  CHECK(session->Ping(Soon()).ok());
  const Error late = Bad(*session, "select count(*) from stl_scan a, stl_scan b, stl_scan c, stl_scan d", {}, In(200));
  CHECK(late.code == ErrorCode::kDeadlineExceeded);
  // What point 6 reads: the names must be there.
  CHECK(Good(*session,
             "select line_number, colname, type, raw_field_value, err_code, err_reason, filename, starttime "
             "from stl_load_errors where query = pg_last_copy_id()")
            .starts_with("["));
}

}  // namespace
}  // namespace berth::session::live
