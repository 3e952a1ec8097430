#pragma once

#include <string>
#include <vector>

namespace berth::test {

struct ClientRun {
  int status = -1;     // the exit status, or 128 + the signal that ended it
  std::string output;  // standard output and error
};

// Runs a client of another language to its end, with this environment and nothing else; killed after four minutes.
ClientRun RunClient(const std::vector<std::string>& words, const std::vector<std::string>& environment);

// What every client needs to find the service at `endpoint` and a key; retries are off, so that an error shows at once.
std::vector<std::string> ClientEnvironment(const std::string& endpoint, const std::string& home);

struct AccessKey {
  std::string id, secret;
};
// What `berth -o plain -c 'CREATE ACCESS KEY ..'` has printed.
AccessKey ReadAccessKey(const std::string& row);
// As ClientEnvironment(), with that key.
std::vector<std::string> SignedEnvironment(const std::string& endpoint, const std::string& home, const AccessKey& key);

}  // namespace berth::test
