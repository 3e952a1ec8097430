#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "berth/engine.h"
#include "berth/error.h"
#include "statements/statement_facts.h"

namespace berth::statements {

// Whether the caller may use the connection of that name.
using MayUse = std::function<bool(std::string_view connection)>;

// The one connection that a request means. Candidates: those whose CLUSTER_IDENTIFIER, WORKGROUP or SECRET_ARN, or
// whose name, is what was sent; of them those with that Database, then with that DbUser; of them those that the caller
// may use. A secret's ARN counts with or without its `arn:` parts and its six-character suffix. A SecretArn beside a
// cluster or workgroup must mean the same connection. Errors: kInvalidArgument, which says why there is not exactly one
// and names no connection that the caller may not use.
Result<ConnectionFacts> ChooseConnection(std::span<const ConnectionFacts> connections, const Target& target,
                                         const MayUse& may_use);

// "arn:aws:secretsmanager:us-west-2:1:secret:prod/etl-a1B2c3" -> "prod/etl-a1B2c3"; another text as it is.
std::string_view SecretName(std::string_view secret_arn);

}  // namespace berth::statements
