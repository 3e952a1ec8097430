#include "bench/readers.h"

#include <chrono>
#include <pqxx/pqxx>
#include <stdexcept>

#include <libpq-fe.h>

#include "bench/touch.h"

namespace berth::bench {
namespace {

class Watch {
 public:
  double Ms() const { return std::chrono::duration<double, std::milli>(Clock::System().Now() - began_).count(); }

 private:
  Clock::Steady began_ = Clock::System().Now();
};

template <class T>
T Must(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}

class OurReader final : public Reader {
 public:
  explicit OurReader(Engine& engine) : conversation_(engine.NewConversation()) {
    if (!conversation_->Use("bench").ok()) throw std::runtime_error("no connection");
  }
  double Read() override {
    Touch touch;
    const Watch watch;
    {
      const auto rows = Must(conversation_->Execute(kSelect, {}, Deadline::Never()));
      while (const auto row = Must(rows->Next())) {
        touch.Row();
        for (const auto& field : *row) field ? touch.Value(*field) : touch.Null();
      }
    }
    const double ms = watch.Ms();
    touch.Check();
    return ms;
  }

 private:
  std::unique_ptr<Conversation> conversation_;
};

void TouchRow(const PGresult* result, int row, int columns, Touch& touch) {
  touch.Row();
  for (int i = 0; i < columns; ++i) {
    if (PQgetisnull(result, row, i) != 0) {
      touch.Null();
    } else {
      touch.Value({PQgetvalue(result, row, i), static_cast<std::size_t>(PQgetlength(result, row, i))});
    }
  }
}

class PqReader : public Reader {
 public:
  explicit PqReader(const World& world) : conn_(PQconnectdb(world.LibpqUrl().c_str())) {
    if (PQstatus(conn_) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(conn_));
  }
  PqReader(const PqReader&) = delete;
  PqReader& operator=(const PqReader&) = delete;
  ~PqReader() override { PQfinish(conn_); }

 protected:
  PGconn* conn_;
};

class PqSingleRow final : public PqReader {
 public:
  using PqReader::PqReader;
  double Read() override {
    Touch touch;
    const Watch watch;
    PQsendQuery(conn_, kSelect);
    PQsetSingleRowMode(conn_);
    while (PGresult* result = PQgetResult(conn_)) {
      if (PQresultStatus(result) == PGRES_SINGLE_TUPLE) TouchRow(result, 0, PQnfields(result), touch);
      PQclear(result);
    }
    const double ms = watch.Ms();
    touch.Check();
    return ms;
  }
};

class PqWhole final : public PqReader {
 public:
  using PqReader::PqReader;
  double Read() override {
    Touch touch;
    const Watch watch;
    PGresult* result = PQexec(conn_, kSelect);
    const int columns = PQnfields(result);
    const int rows = PQntuples(result);
    for (int row = 0; row < rows; ++row) TouchRow(result, row, columns, touch);
    PQclear(result);
    const double ms = watch.Ms();
    touch.Check();
    return ms;
  }
};

class Pqxx final : public Reader {
 public:
  explicit Pqxx(const World& world) : connection_(world.LibpqUrl()) {}
  double Read() override {
    Touch touch;
    const Watch watch;
    {
      pqxx::nontransaction work(connection_);
      const pqxx::result result = work.exec(kSelect);
      for (const auto& row : result) {
        touch.Row();
        for (const auto& field : row) {
          field.is_null() ? touch.Null() : touch.Value({field.c_str(), static_cast<std::size_t>(field.size())});
        }
      }
    }
    const double ms = watch.Ms();
    touch.Check();
    return ms;
  }

 private:
  pqxx::connection connection_;
};

}  // namespace

std::unique_ptr<Reader> EngineReader(Engine& engine) {
  return std::make_unique<OurReader>(engine);
}
std::unique_ptr<Reader> SingleRowReader(const World& world) {
  return std::make_unique<PqSingleRow>(world);
}
std::unique_ptr<Reader> WholeResultReader(const World& world) {
  return std::make_unique<PqWhole>(world);
}
std::unique_ptr<Reader> PqxxReader(const World& world) {
  return std::make_unique<Pqxx>(world);
}

}  // namespace berth::bench
