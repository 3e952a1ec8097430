#include "capi/arrow_column.h"

#include <array>
#include <limits>
#include <memory>
#include <utility>

#include "capi/arrow_value.h"
#include "capi/number.h"

namespace berth::capi {
namespace {

// What an exported array owns.
struct Owned {
  std::vector<std::uint8_t> valid;
  Bytes values, offsets;
  std::array<const void*, 3> buffers{};
};

void ReleaseArray(ArrowArray* array) {
  delete static_cast<Owned*>(array->private_data);
  array->release = nullptr;
}

// Bytes of a value; 0: it has no width of its own.
std::size_t WidthOf(ArrowKind kind) {
  switch (kind) {
    case ArrowKind::kBoolean:
    case ArrowKind::kUtf8:
      return 0;
    case ArrowKind::kInt16:
      return 2;
    case ArrowKind::kInt32:
    case ArrowKind::kFloat:
    case ArrowKind::kDate:
      return 4;
    case ArrowKind::kInt64:
    case ArrowKind::kDouble:
    case ArrowKind::kTimestamp:
    case ArrowKind::kTimestampTz:
      return 8;
    case ArrowKind::kDecimal:
      return 16;
  }
  return 0;
}

}  // namespace

template <class Bits>
void ArrowColumn::SetBit(Bits& bits, bool on) const {
  const auto index = static_cast<std::size_t>(length_);
  if (index % 8 == 0) bits.push_back(0);
  if (on) bits.back() = static_cast<std::uint8_t>(bits.back() | (1U << (index % 8)));
}

template <class T>
bool ArrowColumn::Push(T value) {
  values_.Push(value);
  return true;
}

bool ArrowColumn::AddText(std::string_view text) {
  if (text.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()) - values_.size()) return false;
  values_.Append(text.data(), text.size());
  offsets_.Push(static_cast<std::int32_t>(values_.size()));
  return true;
}

bool ArrowColumn::AddValue(std::string_view text) {
  const auto number = [&](auto value, auto parse) { return parse(text, value) && Push(value); };
  const auto made = [&](auto value) { return value && Push(*value); };
  switch (type_.kind) {
    case ArrowKind::kBoolean:
      SetBit(values_, text == "t" || text == "true");
      return true;
    case ArrowKind::kInt16:
      return number(std::int16_t{0}, ParseNumber<std::int16_t>);
    case ArrowKind::kInt32:
      return number(std::int32_t{0}, ParseNumber<std::int32_t>);
    case ArrowKind::kInt64:
      return number(std::int64_t{0}, ParseNumber<std::int64_t>);
    case ArrowKind::kFloat:
      return number(0.0F, ParseFloat<float>);
    case ArrowKind::kDouble:
      return number(0.0, ParseFloat<double>);
    case ArrowKind::kDate:
      return made(DaysOf(text));
    case ArrowKind::kTimestamp:
    case ArrowKind::kTimestampTz:
      return made(MicrosecondsOf(text));
    case ArrowKind::kDecimal:
      return made(DecimalOf(text, type_.precision, type_.scale));
    case ArrowKind::kUtf8:
      return AddText(text);
  }
  return false;
}

void ArrowColumn::AddNull() {
  if (type_.kind == ArrowKind::kBoolean) SetBit(values_, false);
  if (type_.kind == ArrowKind::kUtf8) offsets_.Push(static_cast<std::int32_t>(values_.size()));
  values_.AppendZeros(WidthOf(type_.kind));
  if (nulls_ == 0) {
    // The first NULL: those before it had values.
    valid_.assign(static_cast<std::size_t>(length_ + 7) / 8, 0xFF);
    const auto spare = static_cast<unsigned>(length_ % 8);
    if (spare != 0) valid_.back() = static_cast<std::uint8_t>((1U << spare) - 1);
  }
  SetBit(valid_, false);
  ++nulls_;
}

bool ArrowColumn::Add(const Field& field) {
  if (type_.kind == ArrowKind::kUtf8 && offsets_.empty()) offsets_.Push(std::int32_t{0});
  if (!field) {
    AddNull();
  } else {
    if (!AddValue(*field)) return false;
    if (nulls_ != 0) SetBit(valid_, true);
  }
  ++length_;
  return true;
}

void ArrowColumn::Export(ArrowArray* out) {
  auto owned = std::make_unique<Owned>();
  const bool text = type_.kind == ArrowKind::kUtf8;
  if (text && offsets_.empty()) offsets_.Push(std::int32_t{0});
  values_.Reserve(1);  // a buffer of no bytes is not NULL
  // The next batch will be about as large; growing costs more than copying did.
  const auto bytes = values_.size();
  const auto offset_bytes = offsets_.size();
  owned->valid = std::exchange(valid_, {});
  owned->values = std::move(values_);
  owned->offsets = std::move(offsets_);
  values_.Reserve(bytes + bytes / 8);
  offsets_.Reserve(offset_bytes);
  owned->buffers = {nulls_ == 0 ? nullptr : owned->valid.data(),
                    text ? static_cast<const void*>(owned->offsets.data()) : owned->values.data(),
                    text ? owned->values.data() : nullptr};
  *out = {};
  out->length = std::exchange(length_, 0);
  out->null_count = std::exchange(nulls_, 0);
  out->n_buffers = text ? 3 : 2;
  out->buffers = owned->buffers.data();
  out->release = ReleaseArray;
  out->private_data = owned.release();
}

}  // namespace berth::capi
