// The program behind `./dev bench migrate`. What each part must hold stands in ../README.md.
#include <fmt/core.h>

#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/program.h"
#include "bench/report.h"
#include "bench/series.h"
#include "support/temp_dir.h"
#include "support/temp_postgres.h"

namespace berth::bench {
namespace {

constexpr int kFiles = 200;
constexpr std::size_t kRounds = 9;

void Write(const std::string& path, const std::string& text) {
  std::ofstream out(path);
  out << text;
  if (!out.flush()) throw std::runtime_error("cannot write " + path);
}

// 200 files of one line each, for both, and a server whose logins need no password.
class World {
 public:
  World() {
    const std::string hba = server_.Psql("show hba_file");
    server_.Psql("copy (select 'host all all 127.0.0.1/32 trust') to '" + hba.substr(0, hba.find('\n')) + "'");
    server_.Psql("select pg_reload_conf()");
    server_.Psql("create table log (n int)");
    // As an install leaves it, like the other: what a linker has written lies in smaller pieces in the page cache.
    std::filesystem::copy_file(BERTH_PROGRAM, program_);
    std::filesystem::create_directory(ours_);
    std::filesystem::create_directory(theirs_);
    for (int n = 1; n <= kFiles; ++n) {
      const auto line = fmt::format("INSERT INTO public.log VALUES ({});\n", n);
      Write(fmt::format("{}/V{:04}__step.sql", ours_, n), "USE CONNECTION bench;\n" + line);
      Write(fmt::format("{}/{:04}_step.sql", theirs_, n), "-- migrate:up\n" + line + "-- migrate:down\n");
    }
  }

  double OurUp() {
    Reset();
    for (const auto* const file : {"catalog.db", "catalog.db-wal", "catalog.db-shm"})
      std::filesystem::remove(home_ / file);
    RunProgram({program_, "-c",
                fmt::format("CREATE REDSHIFT CONNECTION bench CONNECTION_STRING = '{}' USER_NAME = '{}' PASSWORD = ENV "
                            "'HOME'",
                            server_.JdbcUrl(), server_.user())},
               Environment());
    const double ms = OurAgain();
    Check();
    return ms;
  }
  double OurAgain() { return RunProgram({program_, "migrate", "up", "--dir", ours_}, Environment()).ms; }
  double TheirUp() {
    Reset();
    const double ms = TheirAgain();
    Check();
    return ms;
  }
  double TheirAgain() {
    return RunProgram({Dbmate(), "--url",
                       fmt::format("postgres://{}@{}:{}/{}?sslmode=disable", server_.user(), server_.host(),
                                   server_.port(), server_.database()),
                       "--migrations-dir", theirs_, "--no-dump-schema", "migrate"},
                      Environment())
        .ms;
  }
  static std::string Dbmate() { return Variable("BERTH_BENCH_DBMATE"); }

 private:
  std::vector<std::string> Environment() const {
    return {"PATH=/usr/bin:/bin", "HOME=" + home_.path().string(), "BERTH_CATALOG=sqlite:" + (home_ / "catalog.db")};
  }
  void Reset() const {
    server_.Psql("drop table if exists berth_history, berth_history_lock, schema_migrations; truncate log");
  }
  void Check() const {
    if (server_.Psql("select count(*), count(distinct n) from log") != fmt::format("{}|{}\n", kFiles, kFiles))
      throw std::runtime_error("not each file was applied once");
  }

  test::TempPostgres server_;
  test::TempDir home_;
  std::string program_ = home_ / "berth";
  std::string ours_ = home_ / "ours";
  std::string theirs_ = home_ / "theirs";
};

void Compare(const std::string& what, std::vector<Contestant> all, double bar) {
  Interleave(all, kRounds);
  Print(what + "\n" + Table(all, "ms"));
  Print(Verdict({.what = "berth: of dbmate's time",
                 .value = all[1].series.Median() / all[0].series.Median(),
                 .bar = bar,
                 .bound = Bound::kAtMost}) +
        "\n\n");
}

void Run() {
  if (World::Dbmate().empty()) throw std::runtime_error("BERTH_BENCH_DBMATE does not say where dbmate is");
  Print(fmt::format("berth {}, {}; {}\n", BERTH_VERSION, BERTH_COMPILER, FirstLine({World::Dbmate(), "--version"})));
  Calibrate();
  World world;
  Compare(fmt::format("{} migrations of one line, applied", kFiles),
          {{.name = "dbmate", .measure = [&] { return world.TheirUp(); }},
           {.name = "berth migrate up", .measure = [&] { return world.OurUp(); }}},
          0.7);
  world.TheirUp();
  world.OurUp();
  world.TheirAgain();  // its history went with ours
  Compare("once more, with nothing to do",
          {{.name = "dbmate", .measure = [&] { return world.TheirAgain(); }},
           {.name = "berth migrate up", .measure = [&] { return world.OurAgain(); }}},
          0.3);
}

}  // namespace
}  // namespace berth::bench

int main() {
  try {
    berth::bench::Run();
    return 0;
  } catch (const std::exception& error) {
    berth::bench::Print(fmt::format("berth_migrate_bench: {}\n", error.what()));
    return 1;
  }
}
