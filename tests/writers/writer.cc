// catalog_writer CATALOG SEED counts|killed: changes the catalog at random until standard input ends. Then it writes
// how often it counted, how many statements succeeded, the longest wait for the write lock and the longest write with
// its commit in microseconds, and a line for each error that no loser of a race should see.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "base/try.h"
#include "berth/engine.h"
#include "catalog/store.h"

namespace {

using berth::Clock;
using berth::Deadline;
using berth::ErrorCode;
using berth::Result;
using berth::Status;

constexpr unsigned kNames = 10;

struct Tally {
  long counted = 0;
  long done = 0;
  std::chrono::microseconds longest_wait{0};   // until the lock was had, and in a statement its work, which is short
  std::chrono::microseconds longest_write{0};  // of a statement of its own, from its text to the end of its commit
  std::map<std::string, int> strange;
};

// From its making on, into the longer of the two.
class Watch {
 public:
  explicit Watch(std::chrono::microseconds& longest) : longest_(longest) {}
  ~Watch() {
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::System().Now() - began_);
    longest_ = std::max(longest_, took);
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  std::chrono::microseconds& longest_;
  const Clock::Steady began_ = Clock::System().Now();
};

bool ForLosers(ErrorCode code) {
  return code == ErrorCode::kNotFound || code == ErrorCode::kAlreadyExists || code == ErrorCode::kDependentsExist;
}

class Writer {
 public:
  Writer(berth::Engine& engine, berth::catalog::Store& store, unsigned seed, bool counts)
      : counts_(counts), store_(store), conversation_(engine.NewConversation()), random_(seed) {}

  void Step(Tally& tally) {
    Status status;
    switch (random_() % 8) {
      case 0:
        status = counts_ ? Count(tally) : Together(tally);
        break;
      case 1:
        status = Table(tally);
        break;
      case 2:
        status = Together(tally);
        break;
      default: {
        const Watch watch(tally.longest_write);
        status = Run(Statement());
      }
    }
    if (status.ok()) {
      ++tally.done;
    } else if (!ForLosers(status.error().code)) {
      ++tally.strange[std::string(status.error().Sqlstate()) + " " + status.error().message];
    }
  }

 private:
  std::string Name(const char* kind) { return kind + std::to_string(random_() % kNames); }

  std::string Statement() {
    const auto c = Name("c");
    const auto j = Name("j");
    const std::string options =
        " CONNECTION_STRING = 'jdbc:redshift://host.example:5439/dev' USER_NAME = 'u' PASSWORD = 'secret'";
    switch (random_() % 12) {
      case 0:
        return "CREATE REDSHIFT CONNECTION " + c + options;
      case 1:
        return "CREATE OR REPLACE REDSHIFT CONNECTION " + c + options + " COMMENT = 'again'";
      case 2:
        return "ALTER REDSHIFT CONNECTION " + c + " SET USER_NAME = 'v" + std::to_string(random_() % 9) + "'";
      case 3:
        return "ALTER REDSHIFT CONNECTION " + c +
               " SET MAX_CONCURRENT_CONNECTIONS = " + std::to_string(1 + random_() % 20);
      case 4:
        return "ALTER REDSHIFT CONNECTION " + c + " RENAME TO " + Name("c");
      case 5:
        return "DROP CONNECTION " + c;
      case 6:
        return "DROP CONNECTION " + c + " CASCADE";
      case 7:
        return "CREATE JOB " + j + " AS INSERT INTO REDSHIFT " + c + ".s.t SELECT * FROM " + c + ".s.u";
      case 8:
        return "CREATE OR REPLACE JOB " + j + " CONNECTION = " + c + " AS COPY s.t FROM 's3://b' IAM_ROLE default";
      case 9:
        return "DROP JOB " + j;
      case 10:
        return "ATTACH JOB 'far:" + j + "' USING CONNECTION " + c + ", " + Name("c");
      default:
        return "DETACH JOB 'far:" + j + "'";
    }
  }

  Status Run(const std::string& text, std::string* value = nullptr) {
    auto rows = conversation_->Execute(text, {}, Deadline::Never());
    if (!rows.ok()) return std::move(rows).TakeError();
    while (true) {
      BERTH_ASSIGN(const auto row, rows.value()->Next());
      if (!row) return {};
      const auto& comment = row->back();
      if (value != nullptr && comment) *value = std::string(*comment);
    }
  }

  // Reads a number in one statement and writes the next in another: a lost update would show in the end.
  Status Count(Tally& tally) {
    BERTH_TRY(Run("BEGIN"));
    const auto work = [&]() -> Status {
      std::string number = "0";
      BERTH_TRY(First("SHOW CONNECTIONS LIKE 'counter'", tally, &number));
      BERTH_TRY(Run("ALTER REDSHIFT CONNECTION counter SET COMMENT = '" + std::to_string(std::stol(number) + 1) + "'"));
      return Run("COMMIT");
    };
    Status status = work();
    if (status.ok()) {
      ++tally.counted;
    } else {
      BERTH_TRY(Run("ROLLBACK"));
    }
    return status;
  }

  // Of a transaction, which takes the write lock with its first statement.
  Status First(const std::string& text, Tally& tally, std::string* value = nullptr) {
    const Watch watch(tally.longest_wait);
    return Run(text, value);
  }

  // Several statements, all or none.
  Status Together(Tally& tally) {
    BERTH_TRY(Run("BEGIN"));
    const auto work = [&]() -> Status {
      BERTH_TRY(First(Statement(), tally));
      BERTH_TRY(Run(Statement()));
      return Run("COMMIT");
    };
    Status status = work();
    if (!status.ok()) BERTH_TRY(Run("ROLLBACK"));
    return status;
  }

  // A table's record, as CREATE and DROP TABLE keep it; without a warehouse it is written below the engine.
  Status Table(Tally& tally) {
    BERTH_ASSIGN(const auto transaction, [&] {
      const Watch watch(tally.longest_wait);
      return store_.Begin(berth::catalog::Access::kWrite, Deadline::Never());
    }());
    BERTH_ASSIGN(const auto connection, transaction->FindConnection(Name("c")));
    if (!connection) return {};
    BERTH_ASSIGN(const auto table, transaction->FindTable(connection->id, "s", "t"));
    if (table) {
      BERTH_TRY(transaction->DeleteTable(table->id));
    } else {
      BERTH_ASSIGN(const auto added,
                   transaction->InsertTable({.connection_id = connection->id, .schema = "s", .name = "t"}));
      static_cast<void>(added);
    }
    return transaction->Commit();
  }

  const bool counts_;
  berth::catalog::Store& store_;
  std::unique_ptr<berth::Conversation> conversation_;
  std::mt19937 random_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::string catalog = std::string("sqlite:") + argv[1];
  auto engine = berth::Engine::Open({.catalog_uri = catalog, .program = "catalog-writer"});
  auto store = berth::catalog::Store::Open({.uri = catalog, .actor = "u@h catalog-writer"});
  if (!engine.ok() || !store.ok()) {
    std::printf("0 0 0 0\n%s\n", (engine.ok() ? store.error() : engine.error()).message.c_str());
    return 1;
  }
  Tally tally;
  {
    Writer writer(*engine.value(), *store.value(), static_cast<unsigned>(std::stoul(argv[2])),
                  std::string(argv[3]) == "counts");
    pollfd end{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    while (::poll(&end, 1, 0) == 0) writer.Step(tally);
  }
  std::printf("%ld %ld %lld %lld\n", tally.counted, tally.done, static_cast<long long>(tally.longest_wait.count()),
              static_cast<long long>(tally.longest_write.count()));
  for (const auto& [what, times] : tally.strange) std::printf("%d times: %s\n", times, what.c_str());
  return 0;
}
