#pragma once

#include <string>
#include <string_view>

#include "berth/error.h"

namespace berth::dataapi {

// An error as a client of the Data API sees it: the exception's name, the HTTP status and the text.
struct Refusal {
  std::string_view type;  // of static storage: "ValidationException"
  int status = 400;
  std::string message;
  std::string resource_id;   // ResourceNotFoundException only; empty: not sent
  std::string statement_id;  // (Batch)ExecuteStatementException only; empty: not sent
};

// The exceptions that no ErrorCode stands for. The names are the service's.
Refusal Invalid(std::string message);              // ValidationException
Refusal Unserializable(std::string message);       // SerializationException: no JSON, or a member of the wrong type
Refusal UnknownOperation(std::string message);     // UnknownOperationException, 404
Refusal Throttled(std::string message);            // ThrottlingException: clients try again by themselves
Refusal AccessDenied(std::string message);         // AccessDeniedException, 403
Refusal UnknownKey(std::string message);           // UnrecognizedClientException, 403
Refusal BadSignature(std::string message);         // InvalidSignatureException, 403
Refusal IncompleteSignature(std::string message);  // IncompleteSignature, 403
Refusal ExpiredKey(std::string message);           // ExpiredTokenException, 403
Refusal MalformedHttp(std::string message);        // MalformedHttpRequestException
Refusal TooLarge(std::string message);             // RequestEntityTooLargeException, 413
Refusal TooSlow(std::string message);              // RequestTimeoutException, 408
Refusal ServiceUnavailable(std::string message);   // ServiceUnavailable, 503: only for what was not accepted
Refusal InternalFailure(std::string message);      // InternalFailure, 500

// As error_codes.def maps the code; message, detail and hint in one text.
Refusal RefusalOf(const Error& error);

// {"__type":..,"Message":..,"message":..}: both spellings, because some clients read only one of them.
std::string BodyOf(const Refusal& refusal);

}  // namespace berth::dataapi
