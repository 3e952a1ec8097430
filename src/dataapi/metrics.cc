#include "dataapi/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/mutex.h"

namespace berth::dataapi {
namespace {

// Seconds: a look-up takes some tens of microseconds, a long poll half a minute.
const prometheus::Histogram::BucketBoundaries kBounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                      0.1,    0.25,    0.5,    1,     2.5,    5,     10,   30};

}  // namespace

struct Metrics::Registry {
  prometheus::Registry all;
  prometheus::Family<prometheus::Counter>& answers = prometheus::BuildCounter()
                                                         .Name("berth_requests_total")
                                                         .Help("Requests answered, by operation and outcome.")
                                                         .Register(all);
  prometheus::Family<prometheus::Histogram>& latencies = prometheus::BuildHistogram()
                                                             .Name("berth_request_seconds")
                                                             .Help("From the request's end to its answer.")
                                                             .Register(all);
  // A request's counters, found without a set of labels being made and hashed for each.
  struct Counters {
    prometheus::Counter* answers = nullptr;
    prometheus::Histogram* latencies = nullptr;
  };
  Counters CountersOf(std::string_view operation, std::string_view outcome);

  base::Mutex mutex;
  std::map<std::string, std::map<std::string, Counters, std::less<>>, std::less<>> counters
      BERTH_GUARDED_BY(mutex);  // operation, outcome
  std::map<std::string, prometheus::Family<prometheus::Gauge>*> gauges BERTH_GUARDED_BY(mutex);
};

Metrics::Metrics() : registry_(std::make_unique<Registry>()) {}
Metrics::~Metrics() = default;

Metrics::Registry::Counters Metrics::Registry::CountersOf(std::string_view operation, std::string_view outcome) {
  const base::MutexLock lock(mutex);
  auto by_outcome = counters.find(operation);
  if (by_outcome == counters.end()) by_outcome = counters.try_emplace(std::string(operation)).first;
  if (const auto known = by_outcome->second.find(outcome); known != by_outcome->second.end()) return known->second;
  const std::string name(operation);
  const Counters made{.answers = &answers.Add({{"operation", name}, {"outcome", std::string(outcome)}}),
                      .latencies = &latencies.Add({{"operation", name}}, kBounds)};
  by_outcome->second.emplace(outcome, made);
  return made;
}

void Metrics::Answered(std::string_view operation, std::string_view outcome, std::chrono::nanoseconds took) {
  const auto counters = registry_->CountersOf(operation, outcome);
  counters.answers->Increment();
  counters.latencies->Observe(std::chrono::duration_cast<std::chrono::duration<double>>(took).count());
}

void Metrics::Set(const std::string& name, const std::string& help, std::string_view label,
                  std::string_view label_value, double value) {
  prometheus::Family<prometheus::Gauge>* family = nullptr;
  {
    const base::MutexLock lock(registry_->mutex);
    auto& known = registry_->gauges[name];
    if (known == nullptr) known = &prometheus::BuildGauge().Name(name).Help(help).Register(registry_->all);
    family = known;
  }
  prometheus::Labels labels;
  if (!label.empty()) labels.emplace(std::string(label), std::string(label_value));
  family->Add(labels).Set(value);
}

void Metrics::Forget(const std::string& name) {
  const base::MutexLock lock(registry_->mutex);
  const auto known = registry_->gauges.find(name);
  if (known == registry_->gauges.end()) return;
  registry_->all.Remove(*known->second);
  registry_->gauges.erase(known);
}

std::string Metrics::Text() const {
  return prometheus::TextSerializer().Serialize(registry_->all.Collect());
}

}  // namespace berth::dataapi
