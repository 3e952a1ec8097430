#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "dataapi/request.h"

namespace berth::dataapi {

// Counters and latencies of requests, in Prometheus' text form together with what others report. Safe from many
// threads.
class Metrics {
 public:
  Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;
  ~Metrics();

  // `outcome`: "ok", or the exception's name.
  void Answered(std::string_view operation, std::string_view outcome, std::chrono::nanoseconds took);
  // A value that is read whenever it changes: "berth_slots_in_use", what it is, its label (empty: none) and value.
  void Set(const std::string& name, const std::string& help, std::string_view label, std::string_view label_value,
           double value);
  // All values of that name, for what is not there any more; Set() begins anew.
  void Forget(const std::string& name);
  std::string Text() const;

 private:
  struct Registry;
  std::unique_ptr<Registry> registry_;
};

}  // namespace berth::dataapi
