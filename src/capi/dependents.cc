#include <cstddef>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "capi/handles.h"

using berth::Result;
using berth::capi::Door;
using berth::capi::EngineOf;
using berth::capi::Require;

namespace {

// Runs a statement of Berth's own to its end.
Result<int> RunText(const berth_conversation* conversation, const std::string& text) {
  BERTH_ASSIGN(const auto rows, conversation->state->conversation->Execute(text, {}, berth::Deadline::Never()));
  BERTH_TRY(berth::capi::ReadAll(*rows));
  return BERTH_OK;
}

// Quoted always: a name is taken as it is.
std::string Quoted(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out.append(c == '"' ? 2 : 1, c);
  return out + "\"";
}

int OnTable(const char* verb, berth_conversation* conversation, const char* connection, const char* schema,
            const char* table, berth_error** error) {
  return Door(EngineOf(conversation), error, [&]() -> Result<int> {
    BERTH_TRY(Require(conversation != nullptr && connection != nullptr && schema != nullptr && table != nullptr,
                      "the conversation, the connection, the schema or the table"));
    return RunText(conversation,
                   std::string(verb) + " TABLE " + Quoted(connection) + "." + Quoted(schema) + "." + Quoted(table));
  });
}

int OnJob(const char* verb, berth_conversation* conversation, const char* job, berth_error** error) {
  return Door(EngineOf(conversation), error, [&]() -> Result<int> {
    BERTH_TRY(Require(conversation != nullptr && job != nullptr, "the conversation or the job"));
    return RunText(conversation, std::string(verb) + " JOB " + Quoted(job));
  });
}

// The body between a tag that it does not hold.
std::string DollarQuoted(std::string_view body) {
  std::string tag = "$body$";
  for (int i = 0; body.find(tag) != std::string_view::npos; ++i) tag = "$body" + std::to_string(i) + "$";
  return tag + std::string(body) + tag;
}

}  // namespace

extern "C" {

int berth_drop_table(berth_conversation* conversation, const char* connection, const char* schema, const char* table,
                     berth_error** error) {
  return OnTable("DROP", conversation, connection, schema, table, error);
}
int berth_attach_table(berth_conversation* conversation, const char* connection, const char* schema, const char* table,
                       berth_error** error) {
  return OnTable("ATTACH", conversation, connection, schema, table, error);
}
int berth_detach_table(berth_conversation* conversation, const char* connection, const char* schema, const char* table,
                       berth_error** error) {
  return OnTable("DETACH", conversation, connection, schema, table, error);
}

int berth_create_job(berth_conversation* conversation, const berth_job* job, berth_error** error) {
  return Door(EngineOf(conversation), error, [&]() -> Result<int> {
    BERTH_TRY(Require(conversation != nullptr, "the conversation"));
    BERTH_ASSIGN(const auto known, berth::capi::Known(job, offsetof(berth_job, comment)));
    BERTH_TRY(Require(known.name != nullptr && known.body != nullptr, "the job's name or body"));
    std::string text = known.or_replace != 0 ? "CREATE OR REPLACE JOB " : "CREATE JOB ";
    text += Quoted(known.name);
    if (known.connection != nullptr) text += " CONNECTION = " + Quoted(known.connection);
    if (known.comment != nullptr) text += " COMMENT = " + berth::base::QuoteLiteral(known.comment);
    return RunText(conversation, text + " AS " + DollarQuoted(known.body));
  });
}
int berth_drop_job(berth_conversation* conversation, const char* job, berth_error** error) {
  return OnJob("DROP", conversation, job, error);
}

int berth_attach_job(berth_conversation* conversation, const char* job, const char* const* connections,
                     size_t connection_count, berth_error** error) {
  return Door(EngineOf(conversation), error, [&]() -> Result<int> {
    BERTH_TRY(Require(conversation != nullptr && job != nullptr, "the conversation or the job"));
    BERTH_TRY(Require(connections != nullptr && connection_count > 0, "the list of connections"));
    std::string text = "ATTACH JOB " + Quoted(job) + " USING CONNECTION ";
    for (std::size_t i = 0; i < connection_count; ++i) {
      BERTH_TRY(Require(connections[i] != nullptr, "a connection"));
      text += (i == 0 ? "" : ", ") + Quoted(connections[i]);
    }
    return RunText(conversation, text);
  });
}
int berth_detach_job(berth_conversation* conversation, const char* job, berth_error** error) {
  return OnJob("DETACH", conversation, job, error);
}

}  // extern "C"
