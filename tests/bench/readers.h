#pragma once

#include "bench/world.h"

// Reads kSelect once and touches every value in the same way; the milliseconds from the sending to the last row, on a
// session that is open already. Each throws if not all rows came or their sum is not the others'.
namespace berth::bench {

class Reader {
 public:
  virtual ~Reader() = default;
  virtual double Read() = 0;
};

std::unique_ptr<Reader> EngineReader(Engine& engine);
std::unique_ptr<Reader> SingleRowReader(const World& world);
std::unique_ptr<Reader> WholeResultReader(const World& world);
// Through the C interface, as Arrow batches.
std::unique_ptr<Reader> CArrowReader(const World& world);
std::unique_ptr<Reader> PqxxReader(const World& world);

}  // namespace berth::bench
