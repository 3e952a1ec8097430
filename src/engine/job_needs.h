#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"
#include "catalog/records.h"
#include "engine/shared.h"

namespace berth::engine {

// A job's body, and where its name and it stand in the statement; without them errors point nowhere.
struct JobBody {
  std::string_view job;
  std::optional<SourceSpan> name;
  std::string_view text;
  std::optional<SourceSpan> place;
};

// What a job needs: the connection that it runs on, and an edge for each table that its body touches there.
struct JobNeeds {
  catalog::Connection connection;
  std::vector<catalog::Edge> edges;
};

// `chosen`: what CONNECTION = .. says; otherwise the connection that the body's tables name. A statement that nobody
// can read is told as a warning. Errors: kNotSupported (the body names tables of two connections), kInvalidArgument (it
// names none and none was chosen), kNotFound, kSyntax (INTO REDSHIFT), kFailedPrecondition (a table is being dropped).
Result<JobNeeds> NeedsOf(const JobBody& body, std::optional<catalog::Connection> chosen, CatalogScope& scope);

}  // namespace berth::engine
