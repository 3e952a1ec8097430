#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "berth/secret.h"

namespace berth::test {

// What signs a client's requests; without an id they are not signed.
struct DataKey {
  std::string id, secret;
};

// A client of the Data API that does as little as one can: one connection, requests signed as the SDKs sign them, the
// body of the answer as it came. One thread.
class DataClient {
 public:
  struct Answer {
    int status = 0;
    std::string_view body;  // until the next request
  };
  explicit DataClient(std::uint16_t port, DataKey key = {});

  // Makes the connection where there is none. nullopt: it could not be made, or was lost before the answer was whole.
  std::optional<Answer> Call(std::string_view operation, std::string_view body);
  std::optional<Answer> Get(std::string_view target);
  // As Call(), for an answer of status 200; throws on anything else.
  std::string_view Need(std::string_view operation, std::string_view body);

 private:
  bool Connect();
  bool Send(std::string_view bytes);
  std::optional<Answer> Exchange(std::string_view head, std::string_view body);
  void AppendSignature(std::string& head, std::string_view operation, std::string_view body);

  const std::uint16_t port_;
  const std::string host_;
  const DataKey key_;
  base::UniqueFd fd_;
  std::string head_, buffer_;
  std::string date_;  // that signing_key_ is for
  Secret signing_key_;
};

// The value of a JSON text's first member of that name, a string's without its quotes (and as it is written); "": there
// is none.
std::string_view MemberIn(std::string_view json, std::string_view name);

}  // namespace berth::test
