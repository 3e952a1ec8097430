#include <errno.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "capi/arrow_column.h"
#include "capi/handles.h"

namespace berth::capi {
namespace {

constexpr std::int64_t kBatchRowsMax = 65'536;
constexpr std::size_t kBatchBytesMax = 16u << 20;  // of one column; what is above goes into the next batch

// Children of a struct array or schema, freed with it.
template <class T>
struct Children {
  std::vector<T> items;
  std::vector<T*> pointers;
  std::vector<std::string> names, formats;
  const void* no_buffer = nullptr;

  explicit Children(std::size_t count) : items(count) {
    for (auto& item : items) pointers.push_back(&item);
  }
  ~Children() {
    for (auto& item : items) {
      if (item.release != nullptr) item.release(&item);  // a reader may have moved it away
    }
  }
};

template <class T>
void ReleaseWhole(T* whole) {
  delete static_cast<Children<T>*>(whole->private_data);
  whole->release = nullptr;
}

void ReleaseLeaf(ArrowSchema* schema) {
  schema->release = nullptr;  // its texts are the parent's, or constants
}

struct Stream {
  std::unique_ptr<berth_rows> rows;
  std::vector<ArrowColumn> columns;
  std::string last_error;
  int failed = 0;  // an errno: there is no more
  bool ended = false;

  Status Refusal(std::size_t column, const Field& field) const {
    const auto& name = rows->outcome->columns()[column].name;
    if (columns[column].type().kind == ArrowKind::kUtf8) {
      return Error{.code = ErrorCode::kLimitExceeded,
                   .message = "column " + name + " has more than 2 GiB of text in one Arrow batch"};
    }
    constexpr std::size_t kShownMax = 64;
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "column " + name + ": \"" + std::string(field->substr(0, kShownMax)) +
                            "\" has no place in the Arrow type " + FormatOf(columns[column].type()) +
                            "; cast the column to text"};
  }

  Status Gather(std::int64_t& count) {
    while (count < kBatchRowsMax) {
      BERTH_ASSIGN(const auto row, rows->outcome->Next());
      if (!row) {
        ended = true;
        rows->at_end = true;
        return {};
      }
      std::size_t bytes = 0;
      for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!columns[i].Add((*row)[i])) return Refusal(i, (*row)[i]);
        bytes = std::max(bytes, columns[i].bytes());
      }
      ++count;
      if (bytes >= kBatchBytesMax) return {};
    }
    return {};
  }
};

int Errno(const Error& error) {
  if (error.code == ErrorCode::kInvalidArgument) return EINVAL;
  return error.code == ErrorCode::kCancelled ? ECANCELED : EIO;
}

// An errno with a text for get_last_error, or 0.
template <class Work>
int Guarded(Stream& stream, Work work) noexcept {
  const log::ThreadSink scope(stream.rows->engine->log_level, stream.rows->engine->log_sink);
  try {
    const Status status = work();
    if (status.ok()) return 0;
    stream.failed = Errno(status.error());
    stream.last_error = status.error().message;
  } catch (const std::bad_alloc&) {
    stream.failed = ENOMEM;
  } catch (const std::exception& exception) {
    stream.failed = EIO;
    stream.last_error = exception.what();
  }
  return stream.failed;
}

// The schema's names must outlive the stream, so they are copied.
void FillSchema(const Stream& stream, ArrowSchema* out) {
  const auto columns = stream.rows->outcome->columns();
  auto children = std::make_unique<Children<ArrowSchema>>(columns.size());
  children->names.reserve(columns.size());
  children->formats.reserve(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    children->names.push_back(columns[i].name);
    auto& child = children->items[i];
    children->formats.push_back(FormatOf(stream.columns[i].type()));
    child.format = children->formats.back().c_str();
    child.name = children->names.back().c_str();
    child.flags = kArrowNullable;
    child.release = ReleaseLeaf;
  }
  *out = {};
  out->format = "+s";
  out->name = "";
  out->n_children = static_cast<std::int64_t>(columns.size());
  out->children = children->pointers.data();
  out->release = ReleaseWhole<ArrowSchema>;
  out->private_data = children.release();
}

int GetSchema(ArrowArrayStream* self, ArrowSchema* out) {
  auto& stream = *static_cast<Stream*>(self->private_data);
  return Guarded(stream, [&]() -> Status {
    FillSchema(stream, out);
    return {};
  });
}

int GetNext(ArrowArrayStream* self, ArrowArray* out) {
  auto& stream = *static_cast<Stream*>(self->private_data);
  *out = {};  // no release: the end
  if (stream.failed != 0) return stream.failed;
  return Guarded(stream, [&]() -> Status {
    std::int64_t count = 0;
    if (!stream.ended) BERTH_TRY(stream.Gather(count));
    if (count == 0) return {};
    auto children = std::make_unique<Children<ArrowArray>>(stream.columns.size());
    for (std::size_t i = 0; i < stream.columns.size(); ++i) stream.columns[i].Export(&children->items[i]);
    out->length = count;
    out->n_buffers = 1;
    out->buffers = &children->no_buffer;
    out->n_children = static_cast<std::int64_t>(stream.columns.size());
    out->children = children->pointers.data();
    out->release = ReleaseWhole<ArrowArray>;
    out->private_data = children.release();
    return {};
  });
}

const char* GetLastError(ArrowArrayStream* self) {
  return static_cast<Stream*>(self->private_data)->last_error.c_str();
}

void ReleaseStream(ArrowArrayStream* self) {
  delete static_cast<Stream*>(self->private_data);
  self->release = nullptr;
}

}  // namespace
}  // namespace berth::capi

extern "C" int berth_rows_to_arrow(berth_rows* rows, void* stream, berth_error** error) {
  return berth::capi::Door(berth::capi::EngineOf(rows), error, [&]() -> berth::Result<int> {
    std::unique_ptr<berth_rows> owned(rows);  // also where it fails
    BERTH_TRY(berth::capi::Require(rows != nullptr && stream != nullptr, "the rows or the stream"));
    auto state = std::make_unique<berth::capi::Stream>();
    for (const auto& column : owned->outcome->columns()) state->columns.emplace_back(berth::capi::ArrowTypeOf(column));
    state->ended = owned->at_end;
    state->rows = std::move(owned);
    ArrowArrayStream made{};
    made.get_schema = berth::capi::GetSchema;
    made.get_next = berth::capi::GetNext;
    made.get_last_error = berth::capi::GetLastError;
    made.release = berth::capi::ReleaseStream;
    made.private_data = state.release();
    std::memcpy(stream, &made, sizeof made);
    return BERTH_OK;
  });
}
