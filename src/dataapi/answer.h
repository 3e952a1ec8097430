#pragma once

#include <string>

#include "dataapi/http_message.h"
#include "dataapi/refusal.h"

namespace berth::dataapi {

std::string NewRequestId();  // a random UUID

// Both carry x-amzn-RequestId with a new id; the refusal also x-amzn-ErrorType.
HttpResponse AnswerOf(std::string json);
HttpResponse AnswerOf(const Refusal& refusal);

}  // namespace berth::dataapi
