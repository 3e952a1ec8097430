#include <chrono>
#include <cstring>
#include <stdexcept>

#include "bench/readers.h"
#include "berth/berth.h"
#include "capi/arrow_abi.h"

namespace berth::bench {
namespace {

// The C interface's rows as Arrow batches, as a program that embeds the library takes them.
class ArrowReader final : public Reader {
 public:
  explicit ArrowReader(const World& world) {
    const auto catalog = world.CatalogUri();
    const auto key = world.KeyFile();
    berth_open_options options{};
    options.struct_size = sizeof options;
    options.catalog = catalog.c_str();
    options.key_file = key.c_str();
    Must(berth_engine_open(&options, &engine_, nullptr));
    Must(berth_conversation_open(engine_, &conversation_, nullptr));
    Must(berth_conversation_use(conversation_, "bench", nullptr));
  }
  ArrowReader(const ArrowReader&) = delete;
  ArrowReader& operator=(const ArrowReader&) = delete;
  ~ArrowReader() override {
    berth_conversation_close(conversation_);
    berth_engine_close(engine_);
  }

  double Read() override {
    const auto began = Clock::System().Now();
    berth_statement statement{};
    statement.struct_size = sizeof statement;
    statement.text = {kSelect, std::strlen(kSelect)};
    berth_rows* rows = nullptr;
    Must(berth_execute(conversation_, &statement, &rows, nullptr));
    ArrowArrayStream stream{};
    Must(berth_rows_to_arrow(rows, &stream, nullptr));
    std::int64_t count = 0;
    std::int64_t sum = 0;
    for (;;) {
      ArrowArray batch{};
      if (stream.get_next(&stream, &batch) != 0) throw std::runtime_error(stream.get_last_error(&stream));
      if (batch.release == nullptr) break;
      count += batch.length;
      const auto* const numbers = static_cast<const std::int32_t*>(batch.children[0]->buffers[1]);
      for (std::int64_t i = 0; i < batch.length; ++i) sum += numbers[i];
      batch.release(&batch);
    }
    stream.release(&stream);
    const double ms = std::chrono::duration<double, std::milli>(Clock::System().Now() - began).count();
    if (count != kRows || sum != std::int64_t{kRows} * (kRows + 1) / 2)
      throw std::runtime_error("the Arrow reader did not see all rows");
    return ms;
  }

 private:
  static void Must(int code) {
    if (code != BERTH_OK) throw std::runtime_error("the C interface refused with " + std::to_string(code));
  }
  berth_engine* engine_ = nullptr;
  berth_conversation* conversation_ = nullptr;
};

}  // namespace

std::unique_ptr<Reader> CArrowReader(const World& world) {
  return std::make_unique<ArrowReader>(world);
}

}  // namespace berth::bench
