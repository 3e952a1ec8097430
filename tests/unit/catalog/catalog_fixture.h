#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include "catalog/store.h"
#include "support/temp_dir.h"

namespace berth::catalog {

using std::chrono::milliseconds;

// The value, or a failed test that says why.
template <class T>
T Must(Result<T> result) {
  if (!result.ok()) FAIL(result.error().message << " | " << result.error().detail);
  return std::move(result).value();
}
inline void Must(const Status& status) {
  if (!status.ok()) FAIL(status.error().message << " | " << status.error().detail);
}

template <class T>
Error ErrorFrom(Result<T> result) {
  REQUIRE_FALSE(result.ok());
  return std::move(result).TakeError();
}
inline Error ErrorFrom(Status status) {
  REQUIRE_FALSE(status.ok());
  return std::move(status).TakeError();
}

inline bool Has(std::string_view text, std::string_view piece) {
  return text.find(piece) != std::string_view::npos;
}

inline Deadline Soon() {
  return Deadline::After(Clock::System(), milliseconds(20'000));
}

inline StoreOptions OptionsFor(const std::string& path) {
  return {.uri = "sqlite:" + path, .actor = "u@h test"};
}

inline Connection NewConnection(const std::string& name) {
  return {.name = name,
          .connection_string = "jdbc:redshift://host.example:5439/dev",
          .host = "host.example",
          .port = 5439,
          .database = "dev",
          .user_name = "loader"};
}

// A catalog in a folder of its own.
struct Catalog {
  test::TempDir folder;
  std::string path = folder / "catalog.db";
  std::unique_ptr<Store> store = Must(Store::Open(OptionsFor(path)));

  std::unique_ptr<Transaction> Write() const { return Must(store->Begin(Access::kWrite, Soon())); }
  std::unique_ptr<Transaction> Read() const { return Must(store->Begin(Access::kRead, Soon())); }
  // One connection, committed.
  Connection Add(const std::string& name, const std::string& password = "pw") const {
    auto transaction = Write();
    auto added = Must(transaction->InsertConnection(NewConnection(name), Secret(password)));
    Must(transaction->Commit());
    return added;
  }
};

}  // namespace berth::catalog
