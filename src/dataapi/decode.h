#pragma once

#include <optional>
#include <string_view>

#include "dataapi/refusal.h"
#include "dataapi/request.h"

namespace berth::dataapi {

inline constexpr int kJsonDepthMax = 8;                       // a request needs 3
inline constexpr std::size_t kSqlBytesMax = 200 * 1024;       // of one statement, as the service has it
inline constexpr std::size_t kParametersMax = 1000;           // of one request
inline constexpr std::size_t kOtherTextBytesMax = 64 * 1024;  // of any other text member

// Reads the JSON body of a request and checks every member against the model: types, lengths, patterns, enumerations,
// and the rules between members. Members that the operation does not take are ignored, as the service does; null is the
// same as absent. `request` is only whole where nullopt comes back. Safe from many threads.
//
// `form_of_target` gets what is wrong with the form of ClusterIdentifier or WorkgroupName, if anything is: it is to be
// said where no connection has that name.
std::optional<Refusal> Decode(Operation operation, std::string_view body, Request& request,
                              std::optional<Refusal>& form_of_target);

}  // namespace berth::dataapi
