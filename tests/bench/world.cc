#include "bench/world.h"

#include <fmt/core.h>

#include <stdexcept>

namespace berth::bench {
namespace {

constexpr const char* kMakeRows =
    "create unlogged table t1m as select i::int as c_int, (i * 1000003::bigint) as c_bigint, "
    "(i % 32000)::smallint as c_smallint, (i * 0.37)::float8 as c_float8, (i / 7.0)::numeric(18, 4) as c_numeric, "
    "('name-' || i)::varchar(40) as c_varchar, md5(i::text) as c_text, date '2000-01-01' + (i % 9000) as c_date, "
    "timestamp '2001-02-03 04:05:06' + i * interval '1 second' as c_timestamp, i % 3 = 0 as c_bool "
    "from generate_series(1, 1000000) as i";

}  // namespace

World::World() {
  server_.Psql("alter system set shared_buffers = '512MB'");
  server_.Stop();
  server_.Start();
  const std::string hba = server_.Psql("show hba_file");
  server_.Psql("copy (select 'host all all 127.0.0.1/32 trust') to '" + hba.substr(0, hba.find('\n')) + "'");
  server_.Psql("select pg_reload_conf()");
  server_.Psql(kMakeRows);
  server_.Psql("vacuum analyze t1m");

  const auto engine = OpenEngine();
  const auto conversation = engine->NewConversation();
  for (int i = 0; i < 10; ++i) {
    const std::string name = i == 0 ? "bench" : fmt::format("warehouse_{}", i);
    const auto made = conversation->Execute(
        fmt::format("CREATE REDSHIFT CONNECTION {} CONNECTION_STRING = '{}' USER_NAME = '{}' PASSWORD = 'unused'", name,
                    server_.JdbcUrl(), server_.user()),
        {}, Deadline::Never());
    if (!made.ok()) throw std::runtime_error(made.error().message);
  }
}

std::string World::LibpqUrl() const {
  return fmt::format("host={} port={} user={} dbname={}", server_.host(), server_.port(), server_.user(),
                     server_.database());
}

std::string World::PgJdbcUrl() const {
  return fmt::format("jdbc:postgresql://{}:{}/{}?user={}&password=unused", server_.host(), server_.port(),
                     server_.database(), server_.user());
}

std::unique_ptr<Engine> World::OpenEngine() const {
  auto engine = Engine::Open({.catalog_uri = CatalogUri(), .key_file = home_ / "key"});
  if (!engine.ok()) throw std::runtime_error(engine.error().message);
  return std::move(engine).value();
}

std::vector<std::string> World::Berth(const std::string& format, const std::string& sql) const {
  return {BERTH_PROGRAM, "-C", "bench", "-o", format, "-c", sql};
}

std::vector<std::string> World::BerthOnCatalog(const std::string& sql) const {
  return {BERTH_PROGRAM, "-c", sql};
}

std::vector<std::string> World::Psql(const std::vector<std::string>& options, const std::string& sql) const {
  std::vector<std::string> arguments{"/usr/lib/postgresql/15/bin/psql"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.insert(arguments.end(), {"-c", sql});
  return arguments;
}

std::vector<std::string> World::Environment() const {
  return {"PATH=/usr/bin:/bin",
          "LC_ALL=C.UTF-8",
          "HOME=" + home_.path().string(),
          "BERTH_CATALOG=" + CatalogUri(),
          "BERTH_KEY_FILE=" + (home_ / "key"),
          "PGHOST=" + server_.host(),
          "PGPORT=" + std::to_string(server_.port()),
          "PGUSER=" + server_.user(),
          "PGDATABASE=" + server_.database()};
}

}  // namespace berth::bench
