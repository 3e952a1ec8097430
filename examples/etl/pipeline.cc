#include "pipeline.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "csv.h"

namespace {

using berth::cpp::Conversation;
using berth::cpp::Engine;
using berth::cpp::Parameter;

constexpr const char* kJob = "green_taxi_daily";
constexpr std::size_t kColumns = 21;
constexpr std::size_t kBatchRows = 100;  // 2,200 parameters; a server takes 32,767

constexpr const char* kStaging = R"(etl.green_staging (
  vendorid VARCHAR(4), pickup_datetime TIMESTAMP, dropoff_datetime TIMESTAMP, store_and_fwd_flag VARCHAR(1),
  ratecode INT,
  pickup_longitude FLOAT4, pickup_latitude FLOAT4, dropoff_longitude FLOAT4, dropoff_latitude FLOAT4,
  passenger_count INT,
  trip_distance FLOAT4, fare_amount DECIMAL(9, 2), extra DECIMAL(9, 2), mta_tax DECIMAL(9, 2), tip_amount DECIMAL(9, 2),
  tolls_amount DECIMAL(9, 2), ehail_fee DECIMAL(9, 2), improvement_surcharge DECIMAL(9, 2), total_amount DECIMAL(9, 2),
  payment_type VARCHAR(4), trip_type VARCHAR(4), source_file VARCHAR(256)))";

constexpr const char* kDaily = R"(etl.green_daily (
  day DATE, payment_type VARCHAR(4), trips BIGINT, miles FLOAT8, total_amount DECIMAL(18, 2)))";

constexpr const char* kTransform = R"(INSERT INTO etl.green_daily
SELECT CAST(pickup_datetime AS DATE), payment_type, COUNT(*), SUM(trip_distance), SUM(total_amount)
FROM etl.green_staging GROUP BY 1, 2)";

// INSERT .. VALUES ($1, .. $22), ..
std::string InsertOf(std::size_t rows) {
  std::string text = "INSERT INTO etl.green_staging VALUES ";
  std::size_t number = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    text += row == 0 ? "(" : ", (";
    for (std::size_t column = 0; column <= kColumns; ++column)
      text += (column == 0 ? "$" : ", $") + std::to_string(++number);
    text += ")";
  }
  return text;
}

// One worker: a session of the connection, held while it has files.
class Loader {
 public:
  Loader(const Engine& engine, const std::string& connection)
      : conversation_(engine.NewConversation()),
        batch_(Used(conversation_, connection).Prepare(InsertOf(kBatchRows))) {}

  // The file as one transaction; its rows.
  std::int64_t Load(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in || !ReadCsvRow(in)) throw std::runtime_error(path + " cannot be read, or has no header");
    const auto name = std::filesystem::path(path).filename().string();
    conversation_.Run("BEGIN");
    try {
      conversation_.Run("DELETE FROM etl.green_staging WHERE source_file = $1", {name});
      const auto rows = Copy(in, name);
      conversation_.Run("COMMIT");
      return rows;
    } catch (...) {
      static_cast<void>(conversation_.TryRun("ROLLBACK"));
      throw;
    }
  }

 private:
  static Conversation& Used(Conversation& conversation, const std::string& connection) {
    conversation.Use(connection);
    return conversation;
  }

  std::int64_t Copy(std::istream& in, const std::string& name) {
    std::int64_t rows = 0;
    std::vector<CsvRow> batch;
    for (auto row = ReadCsvRow(in); row; row = ReadCsvRow(in)) {
      if (row->size() != kColumns) {
        throw std::runtime_error(name + ", row " + std::to_string(rows + 1) + ": " + std::to_string(row->size()) +
                                 " columns in place of " + std::to_string(kColumns));
      }
      row->emplace_back(name);
      batch.push_back(std::move(*row));
      ++rows;
      if (batch.size() == kBatchRows) Send(batch);
    }
    if (!batch.empty()) Send(batch);
    return rows;
  }

  void Send(std::vector<CsvRow>& batch) {
    std::vector<Parameter> parameters;
    parameters.reserve(batch.size() * (kColumns + 1));
    for (const auto& row : batch) {
      for (const auto& field : row) parameters.push_back(field ? Parameter(*field) : Parameter());
    }
    if (batch.size() == kBatchRows) {
      batch_.Execute(parameters).Next();
    } else {
      conversation_.Execute(InsertOf(batch.size()), parameters).Next();
    }
    batch.clear();
  }

  Conversation conversation_;
  berth::cpp::Prepared batch_;
};

}  // namespace

void Register(const Engine& engine, const std::string& connection) {
  auto conversation = engine.NewConversation();
  conversation.Use(connection);
  conversation.Run("CREATE SCHEMA IF NOT EXISTS etl");
  conversation.Run("CREATE TABLE IF NOT EXISTS \"" + connection + "\"." + kStaging);
  conversation.Run("CREATE TABLE IF NOT EXISTS \"" + connection + "\"." + kDaily);
  conversation.CreateJob({.name = kJob,
                          .connection = connection,
                          .body = kTransform,
                          .comment = "Sums of the green taxis' trips, a day and way of payment",
                          .or_replace = true});
}

void Remove(const Engine& engine, const std::string& connection) {
  auto conversation = engine.NewConversation();
  conversation.Use(connection);
  conversation.DropJob(kJob);
  conversation.DropTable(connection, "etl", "green_daily");
  conversation.DropTable(connection, "etl", "green_staging");
}

std::int64_t LoadAll(const Engine& engine, const Settings& settings) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;  // guards what follows, and standard error
  std::size_t done = 0;
  std::int64_t rows = 0;
  std::exception_ptr failure;

  const auto work = [&] {
    try {
      Loader loader(engine, settings.connection);
      for (auto i = next++; i < settings.files.size(); i = next++) {
        const auto loaded = loader.Load(settings.files[i]);
        const std::lock_guard lock(mutex);
        rows += loaded;
        std::cerr << "[" << ++done << "/" << settings.files.size() << "] " << settings.files[i] << ": " << loaded
                  << " trips\n";
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      next = settings.files.size();  // the others end with the file that they have
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < std::min(settings.workers, settings.files.size()); ++i) threads.emplace_back(work);
  for (auto& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
  return rows;
}

void Aggregate(const Engine& engine, const std::string& connection) {
  auto conversation = engine.NewConversation();
  conversation.Use(connection);
  conversation.Run("BEGIN");
  conversation.Run("DELETE FROM etl.green_daily");
  conversation.Run(kTransform);
  conversation.Run("COMMIT");
  auto rows = conversation.Execute(
      "SELECT day, payment_type, trips, total_amount FROM etl.green_daily ORDER BY day, payment_type");
  for (const auto& row : rows) {
    std::cout << row.Get<std::string_view>(0) << '\t' << row[1].value_or("-") << '\t' << row.Get<std::int64_t>(2)
              << '\t' << row[3].value_or("-") << '\n';
  }
}
