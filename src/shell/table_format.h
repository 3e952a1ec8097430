#pragma once

#include <memory>
#include <string>
#include <vector>

#include "shell/format.h"
#include "shell/table_writer.h"

namespace berth::shell {

// Holds back the first rows to find the widths of the columns, then streams. Numbers stand on the right.
class TableFormat final : public Formatter {
 public:
  static constexpr std::size_t kSampleRows = 1'000;
  static constexpr std::size_t kSampleBytes = 1024 * 1024;

  TableFormat(FormatOptions options, Output& out) : options_(std::move(options)), out_(out) {}
  void Begin(std::span<const Column> columns) override;
  void Row(std::span<const Field> fields) override;
  void End() override { Finish(true); }
  void Abandon() override { Finish(false); }

 private:
  struct SampleCell {
    std::size_t offset = 0;
    std::size_t length = 0;
    TextShape shape;
  };
  void Settle();  // the widths are what they are now: writes the header and the rows held back
  void Finish(bool complete);

  FormatOptions options_;
  Output& out_;

  std::vector<TableColumn> columns_;
  std::vector<TableCell> cells_;  // of the row being written
  std::size_t rows_ = 0;

  std::string sample_;  // the bytes of the rows held back
  std::vector<SampleCell> sample_cells_;
  std::unique_ptr<TableWriter> writer_;  // null: still sampling
};

}  // namespace berth::shell
