#pragma once

#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "session/session.h"
#include "support/temp_postgres.h"

// What the live tests of the session layer share.
namespace berth::session::live {

inline test::TempPostgres& Server() {
  return test::TempPostgres::Shared();
}
// Whether Server() is met through the proxy with Redshift's manners.
inline bool Redshift() {
  return test::TempPostgres::HasRedshiftManners();
}
inline const Clock& RealClock() {
  return Clock::System();
}
inline Deadline In(long long ms) {
  return Deadline::After(RealClock(), std::chrono::milliseconds(ms));
}
inline Deadline Soon() {
  return In(30'000);
}

inline ConnectParams Params(const test::TempPostgres& server = Server()) {
  ConnectParams params;
  params.host = server.host();
  params.port = server.port();
  params.database = server.database();
  params.user = server.user();
  params.password = Secret(server.password());
  params.sslmode = "disable";
  params.application_name = "berth-test";
  return params;
}

inline SessionFactory& Factory() {
  static const auto factory = MakeLibpqFactory(RealClock());
  return *factory;
}

inline std::unique_ptr<Session> Open(const ConnectParams& params = Params()) {
  auto session = Factory().Open(params, Soon(), nullptr);
  REQUIRE_MESSAGE(session.ok(), session.error().message);
  return std::move(session).value();
}

// All results as text: rows by "|" and "\n", NULL as "~", then "[tag]" of each result.
inline Result<std::string> Run(Session& session, std::string_view sql, Parameters parameters = {},
                               Deadline deadline = Soon()) {
  auto outcome = session.Execute(sql, parameters, deadline);
  if (!outcome.ok()) return std::move(outcome).TakeError();
  std::string text;
  for (;;) {
    RowSource& rows = *outcome.value();
    for (;;) {
      auto row = rows.Next();
      if (!row.ok()) return std::move(row).TakeError();
      if (!row.value()) break;
      for (std::size_t i = 0; i < row.value()->size(); ++i) {
        if (i > 0) text += '|';
        text += (*row.value())[i].value_or("~");
      }
      text += '\n';
    }
    text += "[" + rows.tag().text + "]";
    auto more = rows.NextResult();
    if (!more.ok()) return std::move(more).TakeError();
    if (!more.value()) return text;
  }
}

inline std::string Good(Session& session, std::string_view sql, Parameters parameters = {}) {
  auto text = Run(session, sql, parameters);
  REQUIRE_MESSAGE(text.ok(), text.error().message);
  return text.value();
}

inline Error Bad(Session& session, std::string_view sql, Parameters parameters = {}, Deadline deadline = Soon()) {
  auto text = Run(session, sql, parameters, deadline);
  REQUIRE_MESSAGE(!text.ok(), sql);
  return text.error();
}

}  // namespace berth::session::live
